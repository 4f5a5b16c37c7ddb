#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edda::metrics {

// Each instrument may be used from any thread and costs an atomic addition or two, and a short copy where it remembers an exemplar: nobody
// waits for a lock.

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

/// What leads from a number to one of the cases that it counts: `trace_id`, say. Values are of characters that need no escape.
struct ExemplarLabel {
  std::string_view name;
  std::string_view value;
};

/// Counts of observations up to each bound, and their sum; for each bucket the last case that was told of.
class Histogram {
 public:
  /// `bounds` ascending; asserts that.
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);
  /// Labels that are longer than OpenMetrics allows (128 characters together) are left out, and so are those of a bucket that another
  /// thread writes at the moment.
  void observe(double value, std::initializer_list<ExemplarLabel> exemplar);

  struct Exemplar {
    std::string labels;  ///< `name="value",...`
    double value = 0;
  };
  struct Reading {
    std::vector<std::uint64_t> cumulative;  ///< one for each bound, and the count of all
    double sum = 0;
    std::vector<std::optional<Exemplar>> exemplars;  ///< one for each of those
  };
  /// Consistent in itself (the count is the last bucket's), though observations under way may be missing from the sum.
  Reading read() const;
  std::span<const double> bounds() const { return bounds_; }

 private:
  struct Bucket {
    std::atomic<std::uint64_t> count = 0;
    mutable std::atomic_flag busy;  ///< guards the exemplar; nobody waits for it
    Exemplar last;                  ///< without labels: none
  };
  std::size_t count(double value);

  const std::vector<double> bounds_;
  std::vector<Bucket> buckets_;  ///< one more than bounds: above the last
  std::atomic<double> sum_ = 0;
};

/// From half a millisecond to ten seconds, in seconds: what answering a request takes, from the cache or behind a full disk.
inline constexpr std::array request_seconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                            0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

}  // namespace edda::metrics
