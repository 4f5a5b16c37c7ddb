#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "ports/clock.hpp"
#include "ports/rate_limiter.hpp"

namespace edda::memory {

/// Token buckets of this process alone. A full bucket is as good as none, so it is not kept; when the table is full all
/// the same, the bucket that will be full soonest among a few looked at gives way.
class MemoryRateLimiter final : public RateLimiter {
 public:
  MemoryRateLimiter(Clock& clock, std::size_t buckets_max) : clock_(clock), buckets_max_(buckets_max) {}

  Task<RateDecision> take(std::string key, RateLimit limit, Deadline deadline) override;
  std::size_t size() const;

 private:
  struct Bucket {
    SteadyTime full_at;  ///< when it will hold all of its tokens again: the whole state of a bucket
  };
  RateDecision decide(const std::string& key, RateLimit limit, SteadyTime now);
  void make_room(SteadyTime now);

  Clock& clock_;
  const std::size_t buckets_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
  std::size_t sweep_at_ = 0;
};

}  // namespace edda::memory
