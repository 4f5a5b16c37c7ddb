#pragma once

#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

#include "ports/span_sink.hpp"

namespace edda::testing_support {

/// Keeps spans instead of sending them.
class KeptSpans final : public SpanSink {
 public:
  void take(Span span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  std::vector<Span> all() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }
  /// In the order in which they ended.
  std::vector<Span> named(std::string_view name) const {
    auto found = all();
    std::erase_if(found, [&](const Span& span) { return span.name != name; });
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Span> spans_;
};

}  // namespace edda::testing_support
