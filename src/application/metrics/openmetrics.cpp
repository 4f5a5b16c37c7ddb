#include "metrics/openmetrics.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/assert.hpp"

namespace edda::metrics {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out += '\\';
      out += c;
    }
  }
}

// The text of a bound is part of a series' name, so it has one canonical form: "1.0", not "1".
std::string bound_text(double bound) {
  std::string text = fmt::format("{}", bound);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

void OpenMetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(out_), "# TYPE {} {}\n# HELP {} ", name, type, name);
  append_escaped(out_, help);
  out_ += '\n';
}

void OpenMetricsText::sample(std::string_view suffix, std::span<const std::string> labels,
                             std::span<const std::string> values, double number) {
  labelled(suffix, labels, values, {}, number);
}

void OpenMetricsText::histogram(std::span<const std::string> labels, std::span<const std::string> values,
                                const Histogram& histogram) {
  const auto reading = histogram.read();
  const auto bounds = histogram.bounds();
  for (std::size_t i = 0; i < bounds.size(); ++i)
    labelled("_bucket", labels, values, bound_text(bounds[i]), static_cast<double>(reading.cumulative[i]));
  const auto count = static_cast<double>(reading.cumulative.back());
  labelled("_bucket", labels, values, "+Inf", count);
  labelled("_count", labels, values, {}, count);
  labelled("_sum", labels, values, {}, reading.sum);
}

void OpenMetricsText::labelled(std::string_view suffix, std::span<const std::string> labels,
                               std::span<const std::string> values, std::string_view bound, double number) {
  EDDA_ASSERT(labels.size() == values.size());
  out_ += name_;
  out_ += suffix;
  char separator = '{';
  const auto label = [&](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out_), "{}{}=\"", separator, name);
    append_escaped(out_, value);
    out_ += '"';
    separator = ',';
  };
  for (std::size_t i = 0; i < labels.size(); ++i) label(labels[i], values[i]);
  if (!bound.empty()) label("le", bound);
  if (separator == ',') out_ += '}';
  fmt::format_to(std::back_inserter(out_), " {}\n", number);
}

std::string OpenMetricsText::finish() { return std::move(out_) + "# EOF\n"; }

}  // namespace edda::metrics
