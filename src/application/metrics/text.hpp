#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "metrics/instruments.hpp"

namespace edda::metrics {

enum class TextFormat : std::uint8_t {
  openmetrics,  ///< 1.0: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
  prometheus,   ///< 0.0.4, without exemplars: https://prometheus.io/docs/instrumenting/exposition_formats
};

inline constexpr std::string_view openmetrics_content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
inline constexpr std::string_view prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// Writes metrics as text, family after family.
class MetricsText {
 public:
  explicit MetricsText(TextFormat format) : format_(format) {}
  /// `name` without "_total". Its unit is told by its end.
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view suffix, std::span<const std::string> labels, std::span<const std::string> values,
              double number);
  void histogram(std::span<const std::string> labels, std::span<const std::string> values, const Histogram& histogram);
  std::string finish();

 private:
  /// A line but for its end.
  void labelled(std::string_view suffix, std::span<const std::string> labels, std::span<const std::string> values,
                std::string_view bound, double number);
  void bucket(std::span<const std::string> labels, std::span<const std::string> values, std::string_view bound, std::uint64_t count,
              const std::optional<Histogram::Exemplar>& exemplar);

  const TextFormat format_;
  std::string name_;
  std::string out_;
};

}  // namespace edda::metrics
