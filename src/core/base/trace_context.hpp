#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace edda {

/// Of what trace something is a part, and which span of it led here. All zero, as by default: of none.
/// Source: https://www.w3.org/TR/trace-context
struct TraceContext {
  using TraceId = std::array<std::uint8_t, 16>;
  using SpanId = std::array<std::uint8_t, 8>;

  TraceId trace{};
  SpanId span{};
  bool sampled = false;  ///< whoever made the span keeps it, and so should everybody after it

  bool operator==(const TraceContext&) const = default;
  bool exists() const { return trace != TraceId{}; }
};

/// The header `traceparent`; nullopt for what the standard calls invalid. What a later version appends is passed over.
std::optional<TraceContext> parse_traceparent(std::string_view text);
/// Version 00, 55 characters. Needs a context that exists.
std::string to_traceparent(const TraceContext& context);
void append_traceparent(std::string& out, const TraceContext& context);
/// 32 hexadecimal digits; "" for no trace.
std::string trace_id_text(const TraceContext& context);
/// 16 hexadecimal digits.
std::string span_id_text(const TraceContext::SpanId& span);

}  // namespace edda
