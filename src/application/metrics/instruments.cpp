#include "metrics/instruments.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace edda::metrics {
namespace {

// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars: names and values together.
constexpr std::size_t exemplar_characters_max = 128;

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), buckets_(bounds.size() + 1) {
  EDDA_ASSERT(!bounds_.empty() && std::ranges::is_sorted(bounds_));
}

std::size_t Histogram::count(double value) {
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
  buckets_[bucket].count.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
  return bucket;
}

void Histogram::observe(double value) { count(value); }

void Histogram::observe(double value, std::initializer_list<ExemplarLabel> exemplar) {
  Bucket& bucket = buckets_[count(value)];
  std::size_t length = 0;
  for (const auto& label : exemplar) length += label.value.empty() ? 0 : label.name.size() + label.value.size();
  if (length == 0 || length > exemplar_characters_max || bucket.busy.test_and_set(std::memory_order_acquire)) return;
  bucket.last.value = value;
  bucket.last.labels.clear();
  for (const auto& label : exemplar) {
    if (label.value.empty()) continue;
    if (!bucket.last.labels.empty()) bucket.last.labels += ',';
    bucket.last.labels.append(label.name).append("=\"").append(label.value) += '"';
  }
  bucket.busy.clear(std::memory_order_release);
}

Histogram::Reading Histogram::read() const {
  Reading reading;
  std::uint64_t count = 0;
  for (const auto& bucket : buckets_) {
    reading.cumulative.push_back(count += bucket.count.load(std::memory_order_relaxed));
    auto& exemplar = reading.exemplars.emplace_back();
    if (bucket.busy.test_and_set(std::memory_order_acquire)) continue;
    if (!bucket.last.labels.empty()) exemplar = bucket.last;
    bucket.busy.clear(std::memory_order_release);
  }
  reading.sum = sum_.load(std::memory_order_relaxed);
  return reading;
}

}  // namespace edda::metrics
