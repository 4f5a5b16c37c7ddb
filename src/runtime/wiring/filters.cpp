#include "wiring/filters.hpp"

#include <array>

#include "memory/lock_service.hpp"
#include "memory/rate_limiter.hpp"
#include "redis/redis.hpp"

namespace edda::wiring {
namespace {

constexpr std::size_t locks_max = 100'000;
constexpr std::size_t rate_buckets_max = 100'000;
constexpr std::chrono::milliseconds look_patience{1'000};

// A call is given up after 20 ms, unless somebody has more patience.
constexpr std::array redis_seconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0};

redis::ClientSettings redis_settings(const config::Config& config, metrics::Registry& metrics) {
  return {.host = config.redis.host,
          .port = config.redis.port,
          .user = config.redis.user,
          .password = config.redis.password.reveal(),
          .database = static_cast<int>(config.redis.db),
          .tls = config.redis.tls,
          .ca_file = config.redis.ca_file,
          .call_seconds = &metrics.histogram("edda_redis_call_duration_seconds", "Commands to Redis, until their answer or until they were given up.",
                                             redis_seconds),
          .failed_calls = &metrics.counter("edda_redis_call_failures", "Commands to Redis without an answer: whoever asked went on without it.")};
}

}  // namespace

struct Filters::Parts {
  explicit Parts(Clock& the_clock) : clock(the_clock), locks(clock, locks_max), limiter(clock, rate_buckets_max) {}

  Clock& clock;
  memory::MemoryLockService locks;
  memory::MemoryRateLimiter limiter;
  std::unique_ptr<redis::Redis> redis;  ///< null: in this process
  bool answers = true;                  ///< the Redis, at the last look
};

Filters::Filters(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Filters::Filters(Filters&&) noexcept = default;
Filters::~Filters() = default;

Result<Filters> Filters::open(Foundation& base) {
  auto parts = std::make_unique<Parts>(base.clock);
  if (!base.config().redis.host.empty()) {
    TRY(parts->redis, redis::Redis::open(base.io.get_executor(), base.clock, redis_settings(base.config(), base.metrics), parts->limiter));
  }
  return Filters(std::move(parts));
}

LockService& Filters::locks() {
  if (parts_->redis) return parts_->redis->locks;
  return parts_->locks;
}

RateLimiter& Filters::limiter() {
  if (parts_->redis) return parts_->redis->limiter;
  return parts_->limiter;
}

Task<void> Filters::look() {
  if (!parts_->redis) co_return;
  const auto answer = co_await parts_->redis->client->call({"PING"}, parts_->clock.deadline_in(look_patience));
  parts_->answers = answer.has_value();
}

http::Component Filters::health() const {
  using Status = http::Component::Status;
  if (!parts_->redis) return {"redis", Status::not_configured, {}};
  if (parts_->answers) return {"redis", Status::up, {}};
  return {"redis", Status::degraded, "does not answer; each node filters and limits for itself"};
}

Task<void> Filters::stop() {
  if (parts_->redis) co_await parts_->redis->client->stop();
}

}  // namespace edda::wiring
