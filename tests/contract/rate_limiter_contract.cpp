#include "contract/rate_limiter_contract.hpp"

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {

using std::chrono::seconds;

RateDecision ContractRateLimiter::take(std::string key, RateLimit limit) {
  return testing_support::run_task(holder_->limiter().take(std::move(key), limit, testing_support::some_deadline()));
}

TEST_P(ContractRateLimiter, AllowsABurstThenSaysWhenToComeBack) {
  constexpr RateLimit limit{3, seconds(60)};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take("k", limit).allowed);
  const auto refused = take("k", limit);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, seconds(20));
  EXPECT_TRUE(take("other", limit).allowed);
}

TEST_P(ContractRateLimiter, GivesTokensBackOverTime) {
  constexpr RateLimit limit{3, seconds(60)};
  for (int i = 0; i < 3; ++i) take("k", limit);
  let_pass(seconds(19));
  EXPECT_FALSE(take("k", limit).allowed);
  let_pass(seconds(1));
  EXPECT_TRUE(take("k", limit).allowed);
  EXPECT_FALSE(take("k", limit).allowed);
  let_pass(seconds(600));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take("k", limit).allowed);
  EXPECT_FALSE(take("k", limit).allowed);
}

TEST_P(ContractRateLimiter, ARefusedTryCostsNothing) {
  constexpr RateLimit limit{1, seconds(10)};
  EXPECT_TRUE(take("k", limit).allowed);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(take("k", limit).allowed);
  EXPECT_EQ(take("k", limit).retry_after, seconds(10));
}

}  // namespace edda
