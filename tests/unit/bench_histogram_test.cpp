#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bench/histogram.hpp"

namespace edda::bench {
namespace {

TEST(UnitBenchHistogram, IsExactForSmallNumbers) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at(0.5), 50U);
  EXPECT_EQ(histogram.at(0.99), 99U);
  EXPECT_EQ(histogram.at(1), 100U);
  EXPECT_EQ(histogram.max(), 100U);
}

TEST(UnitBenchHistogram, SaysNothingOfNothing) {
  EXPECT_EQ(Histogram().at(0.99), 0U);
  EXPECT_EQ(Histogram().count(), 0U);
}

TEST(UnitBenchHistogram, StaysWithinOnePercentOfTheSortedValues) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> like_latencies(8, 2);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(like_latencies(random)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (const double share : {0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[rank - 1]);
    EXPECT_GE(static_cast<double>(histogram.at(share)), exact);
    EXPECT_LE(static_cast<double>(histogram.at(share)), exact * 1.01 + 1);
  }
}

TEST(UnitBenchHistogram, MergesAsIfOneHadRecordedAll) {
  Histogram one, other, both;
  for (std::uint64_t value = 0; value < 3'000; value += 7) {
    (value % 2 == 0 ? one : other).record(value);
    both.record(value);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.at(0.9), both.at(0.9));
  EXPECT_EQ(one.max(), both.max());
}

TEST(UnitBenchHistogram, TakesWhatIsBeyondItsRangeAsItsLargest) {
  Histogram histogram;
  histogram.record(~std::uint64_t{0});
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.at(0.5), histogram.max());
}

}  // namespace
}  // namespace edda::bench
