#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/timestamp.hpp"
#include "base/trace_context.hpp"

namespace edda {

/// As in OpenTelemetry, with its numbers.
enum class SpanKind : std::uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

struct SpanAttribute {
  std::string_view name;  ///< a literal: "http.route"
  std::variant<std::string, std::int64_t> value;
};

/// One piece of work of a trace, ended.
struct Span {
  TraceContext context;               ///< of the span itself
  TraceContext::SpanId parent{};      ///< all zero: it is the first of its trace
  SpanKind kind = SpanKind::internal;
  std::string name;                   ///< of few values: "POST /v1/orders"
  Timestamp start;
  Timestamp end;
  std::string failure = {};           ///< why it failed; empty: it did not
  std::vector<SpanAttribute> attributes = {};
};

/// Where ended spans go (a collector).
/// Thread-safety: callable from any thread. Nobody waits: what cannot be taken is dropped, and counted.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void take(Span span) = 0;
};

}  // namespace edda
