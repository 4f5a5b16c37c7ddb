#include "contract/rate_limiter_contract.hpp"
#include "support/redis_client.hpp"

namespace edda {
namespace {

using std::chrono::seconds;
using testing_support::RedisNode;
using testing_support::RedisServer;
using testing_support::slower;

/// Its buckets fill more slowly, and time passes faster, than they are told.
class SlowLimiter final : public RateLimiter {
 public:
  explicit SlowLimiter(RateLimiter& limiter) : limiter_(limiter) {}

  Task<RateDecision> take(std::string key, RateLimit limit, Deadline deadline) override {
    auto decision = co_await limiter_.take(std::move(key), {limit.burst, limit.refill * slower}, deadline);
    decision.retry_after = seconds((decision.retry_after.count() + slower - 1) / slower);
    co_return decision;
  }

 private:
  RateLimiter& limiter_;
};

struct RedisLimiter final : RateLimiterHolder {
  RedisLimiter() { RedisServer::shared().command({"FLUSHALL"}); }

  RedisNode node{RedisServer::shared()};
  SlowLimiter slow{node.limiter()};
  RateLimiter& limiter() override { return slow; }
  void let_pass(seconds time) override { testing_support::let_pass(RedisServer::shared(), time * slower); }
};

INSTANTIATE_TEST_SUITE_P(ContractRedis, ContractRateLimiter,
                         testing::Values(RateLimiterFactory{"redis", [] { return std::make_unique<RedisLimiter>(); }}));

}  // namespace
}  // namespace edda
