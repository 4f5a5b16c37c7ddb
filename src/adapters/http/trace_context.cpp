#include "http/trace_context.hpp"

#include <algorithm>

namespace edda::http {
namespace {

// version "-" trace "-" parent "-" flags; a later version may go on behind another "-".
constexpr std::size_t trace_at = 3, trace_digits = 32, parent_at = 36, parent_digits = 16, flags_at = 53, length = 55;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

std::string_view trace_id_of(const Request& request) {
  const auto header = request.header("traceparent").value_or("");
  if (header.size() < length || header[2] != '-' || header[parent_at - 1] != '-' || header[flags_at - 1] != '-') return {};
  const auto version = header.substr(0, 2), trace = header.substr(trace_at, trace_digits), parent = header.substr(parent_at, parent_digits);
  if (!is_hex(version) || version == "ff" || !is_hex(trace) || !is_hex(parent) || !is_hex(header.substr(flags_at, 2))) return {};
  if (header.size() > length && (version == "00" || header[length] != '-')) return {};
  return is_zero(trace) || is_zero(parent) ? std::string_view{} : trace;
}

}  // namespace edda::http
