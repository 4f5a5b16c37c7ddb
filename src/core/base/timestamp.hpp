#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace edda {

/// A point on the wall clock, UTC, microseconds. Core never asks for "now": it is handed in.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// RFC 3339, UTC, milliseconds: "2026-11-22T19:00:00.123Z".
std::string to_rfc3339(Timestamp at);
/// The same text at the end of `out`.
void append_rfc3339(std::string& out, Timestamp at);

/// RFC 3339 with an offset or Z, any number of decimals (cut to microseconds); nullopt if it is not one.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// Microseconds since 1970-01-01T00:00:00Z, as stores keep it.
constexpr std::int64_t to_micros(Timestamp at) { return at.time_since_epoch().count(); }
constexpr Timestamp from_micros(std::int64_t micros) { return Timestamp(microseconds(micros)); }

}  // namespace edda
