#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>
#include <utility>

#include "memory/rate_limiter.hpp"
#include "redis/redis.hpp"
#include "support/manual_clock.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "system/clock.hpp"

namespace edda::testing_support {

/// Redis as a node has it, on a thread of its own. The limiter of the time meanwhile lets one pass in an hour.
class RedisNode {
 public:
  /// Patient, so that a loaded machine is not taken for a server that hangs.
  static redis::ClientSettings patient(const RedisServer& server) {
    redis::ClientSettings settings{.host = "127.0.0.1", .port = server.port()};
    settings.patience = std::chrono::seconds(30);
    settings.connect_timeout = std::chrono::seconds(30);
    settings.first_pause = settings.longest_pause = std::chrono::milliseconds(1);
    return settings;
  }

  explicit RedisNode(const RedisServer& server) : RedisNode(patient(server)) {}
  explicit RedisNode(redis::ClientSettings settings)
      : redis_(redis::Redis::open(context_.get_executor(), clock_, std::move(settings), meanwhile_).value()),
        thread_([this] { context_.run(); }) {}
  RedisNode(const RedisNode&) = delete;
  ~RedisNode() {
    run_task(redis_->client->stop());
    work_.reset();
    thread_.join();
  }

  redis::Client& client() { return *redis_->client; }
  LockService& locks() { return redis_->locks; }
  RateLimiter& limiter() { return redis_->limiter; }

  Result<redis::Reply> call(std::initializer_list<std::string_view> words) { return run_task(client().call(words, some_deadline())); }
  Result<bool> try_lock(std::string key, std::string token, std::chrono::milliseconds ttl = std::chrono::minutes(1)) {
    return run_task(locks().try_lock(std::move(key), std::move(token), ttl, some_deadline()));
  }
  Result<bool> unlock(std::string key, std::string token) {
    return run_task(locks().unlock(std::move(key), std::move(token), some_deadline()));
  }
  Result<bool> is_locked(std::string key) { return run_task(locks().is_locked(std::move(key), some_deadline())); }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(context_);
  system::SystemClock clock_;
  memory::MemoryRateLimiter meanwhile_{clock_, 100};
  std::unique_ptr<redis::Redis> redis_;
  std::thread thread_;
};

/// Lets time pass on a server: whatever has an end, a lock or a bucket, is moved that much towards it.
inline void let_pass(const RedisServer& server, std::chrono::milliseconds time) {
  constexpr std::string_view script = R"(
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key) - ARGV[1]
  if string.sub(key, 1, 5) == 'rate:' then
    redis.call('SET', key, string.format('%.0f', redis.call('GET', key) - ARGV[1] * 1000), 'KEEPTTL')
  end
  if left <= 0 then redis.call('DEL', key) else redis.call('PEXPIRE', key, string.format('%.0f', left)) end
end
return 0)";
  server.command({"EVAL", script, "0", std::to_string(time.count())});
}

/// Minutes in the server for what the suites call seconds: no stall of the machine is long enough to be taken for time that they let pass.
inline constexpr int slower = 60;

}  // namespace edda::testing_support
