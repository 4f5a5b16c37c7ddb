#include "base/trace_context.hpp"

#include <span>

#include "base/ids.hpp"

namespace edda {
namespace {

// version "-" trace "-" parent "-" flags; a later version may go on behind another "-".
constexpr std::size_t trace_at = 3, span_at = 36, flags_at = 53, length = 55;
constexpr std::uint8_t sampled_flag = 1;

/// Lower case alone, as the standard has it; -1 for anything else.
int lower_hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> to) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    const int high = lower_hex_value(text[2 * i]), low = lower_hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    to[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  if (text.size() < length || text[trace_at - 1] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-') return std::nullopt;
  TraceContext context;
  std::array<std::uint8_t, 1> version{}, flags{};
  if (!read_hex(text, version) || !read_hex(text.substr(trace_at), context.trace) || !read_hex(text.substr(span_at), context.span) ||
      !read_hex(text.substr(flags_at), flags))
    return std::nullopt;
  if (version[0] == 0xFF || (text.size() > length && (version[0] == 0 || text[length] != '-'))) return std::nullopt;
  if (!context.exists() || context.span == TraceContext::SpanId{}) return std::nullopt;
  context.sampled = (flags[0] & sampled_flag) != 0;
  return context;
}

void append_traceparent(std::string& out, const TraceContext& context) {
  out += "00-";
  append_hex(out, context.trace);
  out += '-';
  append_hex(out, context.span);
  out += context.sampled ? "-01" : "-00";
}

std::string to_traceparent(const TraceContext& context) {
  std::string text;
  text.reserve(length);
  append_traceparent(text, context);
  return text;
}

std::string trace_id_text(const TraceContext& context) {
  std::string text;
  if (context.exists()) append_hex(text, context.trace);
  return text;
}

std::string span_id_text(const TraceContext::SpanId& span) {
  std::string text;
  append_hex(text, span);
  return text;
}

}  // namespace edda
