#pragma once

#include "ports/rate_limiter.hpp"
#include "redis/client.hpp"

namespace edda::redis {

/// Token buckets that all nodes share, by the Redis server's clock, under "rate:" and the key. Without an answer another limiter
/// decides, which knows this node alone: a Redis that is away does not open the door to whoever guesses passwords.
/// Thread-safety: callable from any thread. Lifetime: client and `meanwhile` outlive it.
class RedisRateLimiter final : public RateLimiter {
 public:
  RedisRateLimiter(Client& client, RateLimiter& meanwhile) : client_(client), meanwhile_(meanwhile) {}

  Task<RateDecision> take(std::string key, RateLimit limit, Deadline deadline) override;

 private:
  Client& client_;
  RateLimiter& meanwhile_;
};

}  // namespace edda::redis
