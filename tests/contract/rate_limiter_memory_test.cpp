#include <fmt/format.h>

#include "contract/rate_limiter_contract.hpp"
#include "memory/rate_limiter.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {
namespace {

using std::chrono::seconds;

struct MemoryLimiter final : RateLimiterHolder {
  testing_support::ManualClock clock;
  memory::MemoryRateLimiter memory{clock, 4};
  RateLimiter& limiter() override { return memory; }
  void let_pass(seconds time) override { clock.advance(time); }
};

INSTANTIATE_TEST_SUITE_P(ContractMemory, ContractRateLimiter,
                         testing::Values(RateLimiterFactory{"memory", [] { return std::make_unique<MemoryLimiter>(); }}));

class ContractMemoryRateLimiter : public testing::Test {
 protected:
  RateDecision take(std::string key, RateLimit limit) {
    return testing_support::run_task(holder_.memory.take(std::move(key), limit, testing_support::some_deadline()));
  }
  MemoryLimiter holder_;
};

TEST_F(ContractMemoryRateLimiter, StaysSmallUnderManyKeys) {
  constexpr RateLimit limit{2, seconds(60)};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(take(fmt::format("k{}", i), limit).allowed);
    ASSERT_LE(holder_.memory.size(), 4U);
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
