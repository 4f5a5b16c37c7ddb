#include "http/negotiation.hpp"

#include <algorithm>
#include <charconv>

#include "http/fields.hpp"

namespace edda::http {

namespace {

// The text before `separator`, which is cut off `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const std::string_view piece = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  return trimmed(piece);
}

bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = take(parameters, ';');
    if (parameter == "q=0" || parameter == "q=0.0" || parameter == "q=0.00" || parameter == "q=0.000") return true;
  }
  return false;
}

bool covers(std::string_view range, std::string_view media_type) {
  if (range == "*/*" || range == "*" || equal_ignoring_case(range, media_type)) return true;
  if (equal_ignoring_case(range, "application/problem+json")) return media_type == "application/json";
  return range.ends_with("/*") &&
         equal_ignoring_case(range.substr(0, range.size() - 1), media_type.substr(0, media_type.find('/') + 1));
}

// 0: the range does not cover it; more, the closer it names it.
int closeness(std::string_view range, std::string_view media_type) {
  if (!covers(range, media_type)) return 0;
  if (range == "*/*" || range == "*") return 1;
  return range.ends_with("/*") ? 2 : 3;
}

// 1 unless the parameters say otherwise, readably.
double quality_in(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = take(parameters, ';');
    double value = 1;
    if (parameter.starts_with("q=")) {
      const auto number = parameter.substr(2);
      const auto read = std::from_chars(number.data(), number.data() + number.size(), value, std::chars_format::fixed);
      return read.ec == std::errc{} ? std::clamp(value, 0.0, 1.0) : 1;
    }
  }
  return 1;
}

}  // namespace

bool accepts(std::string_view accept, std::string_view media_type) {
  bool any_range = false;
  while (!accept.empty()) {
    std::string_view parameters = take(accept, ',');
    const std::string_view range = take(parameters, ';');
    if (range.find('/') == std::string_view::npos && range != "*") continue;
    any_range = true;
    if (covers(range, media_type) && !is_refused(parameters)) return true;
  }
  return !any_range;
}

double quality(std::string_view accept, std::string_view media_type) {
  bool any_range = false;
  int closest = 0;
  double found = 0;
  while (!accept.empty()) {
    std::string_view parameters = take(accept, ',');
    const std::string_view range = take(parameters, ';');
    if (range.find('/') == std::string_view::npos && range != "*") continue;
    any_range = true;
    const int close = closeness(range, media_type);
    if (close == 0 || close < closest) continue;
    const double wanted = quality_in(parameters);
    found = close > closest ? wanted : std::max(found, wanted);
    closest = close;
  }
  return any_range ? found : 1;
}

std::string_view media_type_of(std::string_view content_type) { return take(content_type, ';'); }

}  // namespace edda::http
