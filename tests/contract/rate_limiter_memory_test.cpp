#include <fmt/format.h>
#include <gtest/gtest.h>

#include "memory/rate_limiter.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {
namespace {

using std::chrono::seconds;
using testing_support::run_task;
using testing_support::some_deadline;

class ContractMemoryRateLimiter : public testing::Test {
 protected:
  RateDecision take(std::string key, RateLimit limit) {
    return run_task(limiter.take(std::move(key), limit, some_deadline()));
  }
  testing_support::ManualClock clock;
  memory::MemoryRateLimiter limiter{clock, 4};
};

TEST_F(ContractMemoryRateLimiter, AllowsABurstThenSaysWhenToComeBack) {
  constexpr RateLimit limit{3, seconds(60)};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take("k", limit).allowed);
  const auto refused = take("k", limit);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, seconds(20));
  EXPECT_TRUE(take("other", limit).allowed);
}

TEST_F(ContractMemoryRateLimiter, GivesTokensBackOverTime) {
  constexpr RateLimit limit{3, seconds(60)};
  for (int i = 0; i < 3; ++i) take("k", limit);
  clock.advance(seconds(19));
  EXPECT_FALSE(take("k", limit).allowed);
  clock.advance(seconds(1));
  EXPECT_TRUE(take("k", limit).allowed);
  EXPECT_FALSE(take("k", limit).allowed);
  clock.advance(seconds(600));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take("k", limit).allowed);
  EXPECT_FALSE(take("k", limit).allowed);
}

TEST_F(ContractMemoryRateLimiter, ARefusedTryCostsNothing) {
  constexpr RateLimit limit{1, seconds(10)};
  EXPECT_TRUE(take("k", limit).allowed);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(take("k", limit).allowed);
  EXPECT_EQ(take("k", limit).retry_after, seconds(10));
}

TEST_F(ContractMemoryRateLimiter, StaysSmallUnderManyKeys) {
  constexpr RateLimit limit{2, seconds(60)};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(take(fmt::format("k{}", i), limit).allowed);
    ASSERT_LE(limiter.size(), 4U);
  }
}

TEST_F(ContractMemoryRateLimiter, ForgetsAmongTheLeastUsedWhenFull) {
  take("busy", {2, seconds(600)});
  take("busy", {2, seconds(600)});
  for (int i = 0; i < 50; ++i) take(fmt::format("k{}", i), {10, seconds(1)});
  EXPECT_FALSE(take("busy", {2, seconds(600)}).allowed);
}

}  // namespace
}  // namespace edda
