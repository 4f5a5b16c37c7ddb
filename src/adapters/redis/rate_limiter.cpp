#include "redis/rate_limiter.hpp"

#include <algorithm>
#include <string_view>

namespace edda::redis {
namespace {

// The generic cell rate algorithm (ITU-T I.371): a bucket is the one instant, in microseconds, at which it will be full. Answers by how
// many microseconds the try came too early, 0 for not at all. A clock that was put back makes nobody wait longer than a full refill.
constexpr std::string_view take_script = R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, refill = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now), now + refill) + cost
if full - now > refill then return full - now - refill end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0)";

}  // namespace

Task<RateDecision> RedisRateLimiter::take(std::string key, RateLimit limit, Deadline deadline) {
  using std::chrono::microseconds;
  using std::chrono::seconds;
  const microseconds refill = limit.refill;
  const microseconds cost = std::max(microseconds(1), refill / std::max<std::uint32_t>(1, limit.burst));
  const auto early = co_await client_.call(
      {"EVAL", take_script, "1", "rate:" + key, std::to_string(cost.count()), std::to_string(refill.count())}, deadline);
  if (!early) co_return co_await meanwhile_.take(std::move(key), limit, deadline);
  if (early->integer <= 0) co_return RateDecision{};
  co_return RateDecision{false, std::max(seconds(1), std::chrono::ceil<seconds>(microseconds(early->integer)))};
}

}  // namespace edda::redis
