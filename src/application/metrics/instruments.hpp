#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace edda::metrics {

// Each instrument may be used from any thread and costs an atomic addition or two: no lock, no allocation.

/// Only ever grows.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

/// Counts of observations up to each bound, and their sum.
class Histogram {
 public:
  /// `bounds` ascending; asserts that.
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);

  struct Reading {
    std::vector<std::uint64_t> cumulative;  ///< one for each bound, and the count of all
    double sum = 0;
  };
  /// Consistent in itself (the count is the last bucket's), though observations under way may be missing from the sum.
  Reading read() const;
  std::span<const double> bounds() const { return bounds_; }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> buckets_;  ///< one more than bounds: above the last
  std::atomic<double> sum_ = 0;
};

/// From half a millisecond to ten seconds, in seconds: what answering a request takes, from the cache or behind a full disk.
inline constexpr std::array request_seconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                            0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

}  // namespace edda::metrics
