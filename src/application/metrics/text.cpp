#include "metrics/text.hpp"

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

void MetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  const auto out = std::back_inserter(out_);
  const bool openmetrics = format_ == TextFormat::openmetrics;
  // In the older format a counter's whole family is named as its samples are.
  const std::string family = !openmetrics && type == "counter" ? name_ + "_total" : name_;
  fmt::format_to(out, "# TYPE {} {}\n", family, type);
  for (const std::string_view unit : {"seconds", "bytes"})
    if (openmetrics && name.ends_with(unit)) fmt::format_to(out, "# UNIT {} {}\n", family, unit);
  fmt::format_to(out, "# HELP {} ", family);
  append_escaped(out_, help);
  out_ += '\n';
}

void MetricsText::sample(std::string_view suffix, std::span<const std::string> labels,
                         std::span<const std::string> values, double number) {
  labelled(suffix, labels, values, {}, number);
  out_ += '\n';
}

void MetricsText::histogram(std::span<const std::string> labels, std::span<const std::string> values,
                            const Histogram& histogram) {
  const auto reading = histogram.read();
  const auto bounds = histogram.bounds();
  for (std::size_t i = 0; i < bounds.size(); ++i)
    bucket(labels, values, bound_text(bounds[i]), reading.cumulative[i], reading.exemplars[i]);
  bucket(labels, values, "+Inf", reading.cumulative.back(), reading.exemplars.back());
  sample("_count", labels, values, static_cast<double>(reading.cumulative.back()));
  sample("_sum", labels, values, reading.sum);
}

void MetricsText::bucket(std::span<const std::string> labels, std::span<const std::string> values, std::string_view bound,
                         std::uint64_t count, const std::optional<Histogram::Exemplar>& exemplar) {
  labelled("_bucket", labels, values, bound, static_cast<double>(count));
  if (exemplar && format_ == TextFormat::openmetrics)
    fmt::format_to(std::back_inserter(out_), " # {{{}}} {}", exemplar->labels, exemplar->value);
  out_ += '\n';
}

void MetricsText::labelled(std::string_view suffix, std::span<const std::string> labels,
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
  fmt::format_to(std::back_inserter(out_), " {}", number);
}

std::string MetricsText::finish() {
  if (format_ == TextFormat::openmetrics) out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace edda::metrics
