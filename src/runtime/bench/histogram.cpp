#include "bench/histogram.hpp"

#include <bit>
#include <cmath>

namespace edda::bench {
namespace {

constexpr int fine_bits = 7;  // 128 buckets for each doubling
constexpr std::uint64_t fine = std::uint64_t{1} << fine_bits;
constexpr std::uint64_t value_max = (std::uint64_t{1} << 40) - 1;  // 12 days in microseconds

std::size_t bucket_of(std::uint64_t value) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - fine_bits - 1);
  return static_cast<std::size_t>(static_cast<std::uint64_t>(shift) * fine + (value >> shift));
}

std::uint64_t top_of(std::size_t bucket) {
  const std::uint64_t shift = bucket < 2 * fine ? 0 : bucket / fine - 1;
  return ((bucket - shift * fine + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(value_max) + 1) {}

void Histogram::record(std::uint64_t value) {
  value = std::min(value, value_max);
  ++buckets_[bucket_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::at(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(top_of(i), max_);
  }
  return max_;
}

}  // namespace edda::bench
