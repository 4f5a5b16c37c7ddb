#pragma once

#include <cstdint>
#include <vector>

namespace edda::bench {

/// Counts of whole numbers (here: microseconds) in log-linear buckets, as HdrHistogram has them: up to 255 exactly, above that with
/// an error under one per cent. Fixed memory, whatever is recorded.
/// Thread-safety: none.
class Histogram {
 public:
  Histogram();

  void record(std::uint64_t value);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  /// The value that `share` (0 to 1) of all records do not exceed; 0 when nothing was recorded.
  std::uint64_t at(double share) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace edda::bench
