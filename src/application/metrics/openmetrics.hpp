#pragma once

#include <span>
#include <string>
#include <string_view>

#include "metrics/instruments.hpp"

namespace edda::metrics {

/// Writes OpenMetrics 1.0 text, family after family.
/// Source: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
class OpenMetricsText {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view suffix, std::span<const std::string> labels, std::span<const std::string> values,
              double number);
  void histogram(std::span<const std::string> labels, std::span<const std::string> values, const Histogram& histogram);
  std::string finish();

 private:
  void labelled(std::string_view suffix, std::span<const std::string> labels, std::span<const std::string> values,
                std::string_view bound, double number);

  std::string name_;
  std::string out_;
};

}  // namespace edda::metrics
