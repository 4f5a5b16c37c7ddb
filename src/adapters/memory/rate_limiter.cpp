#include "memory/rate_limiter.hpp"

#include <algorithm>
#include <utility>
#include <vector>

// The generic cell rate algorithm (ITU-T I.371): a bucket is the one instant at which it will be full. A token costs
// refill / burst; taking one moves the instant on by that, and is refused if it would then lie more than refill ahead.
namespace edda::memory {
namespace {

/// Hash chains looked at for each new bucket: the table is swept round in passing.
constexpr std::size_t chains_a_sweep = 8;
/// And when it is full: the more, the likelier that what gives way would hardly have been missed.
constexpr std::size_t chains_a_full_sweep = 64;

}  // namespace

Task<RateDecision> MemoryRateLimiter::take(std::string key, RateLimit limit, Deadline) {
  const std::lock_guard lock(mutex_);
  co_return decide(key, limit, clock_.steady_now());
}

std::size_t MemoryRateLimiter::size() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

RateDecision MemoryRateLimiter::decide(const std::string& key, RateLimit limit, SteadyTime now) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const nanoseconds cost = nanoseconds(limit.refill) / std::max<std::uint32_t>(1, limit.burst);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    make_room(now);
    found = buckets_.emplace(key, Bucket{now}).first;
  }
  const SteadyTime full_at = std::max(found->second.full_at, now) + cost;
  const auto too_early = full_at - now - nanoseconds(limit.refill);
  if (too_early > nanoseconds(0)) return {false, std::max(seconds(1), std::chrono::ceil<seconds>(too_early))};
  found->second.full_at = full_at;
  return {true, seconds(0)};
}

void MemoryRateLimiter::make_room(SteadyTime now) {
  const std::size_t chains = buckets_.bucket_count();
  std::string fullest;
  SteadyTime fullest_at = SteadyTime::max();
  std::vector<std::string> full;
  const bool crowded = buckets_.size() >= buckets_max_;
  for (std::size_t looked_at = 0; looked_at < chains; ++looked_at) {
    const bool must_go_on = crowded && full.empty() && fullest.empty();
    if (looked_at >= (crowded ? chains_a_full_sweep : chains_a_sweep) && !must_go_on) break;
    sweep_at_ = (sweep_at_ + 1) % chains;
    for (auto at = buckets_.begin(sweep_at_); at != buckets_.end(sweep_at_); ++at) {
      if (at->second.full_at <= now) {
        full.push_back(at->first);
      } else if (at->second.full_at < fullest_at) {
        fullest_at = at->second.full_at;
        fullest = at->first;
      }
    }
  }
  for (const std::string& key : full) buckets_.erase(key);
  if (buckets_.size() >= buckets_max_) buckets_.erase(fullest);
}

}  // namespace edda::memory
