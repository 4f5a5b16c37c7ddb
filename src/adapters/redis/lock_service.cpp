#include "redis/lock_service.hpp"

#include <string_view>
#include <utility>

namespace edda::redis {
namespace {

constexpr std::string_view renew_script =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";
constexpr std::string_view unlock_script =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

Result<bool> is_one(Result<Reply> reply) {
  TRY(const Reply got, std::move(reply));
  return got.integer == 1;
}

std::string text_of(std::chrono::milliseconds time) { return std::to_string(time.count()); }

}  // namespace

Task<Result<bool>> RedisLockService::try_lock(std::string key, std::string token, std::chrono::milliseconds ttl, Deadline deadline) {
  CO_TRY(const Reply reply, co_await client_.call({"SET", key, token, "NX", "PX", text_of(ttl)}, deadline));
  co_return reply.kind == Reply::Kind::text;
}

Task<Result<bool>> RedisLockService::renew(std::string key, std::string token, std::chrono::milliseconds ttl, Deadline deadline) {
  co_return is_one(co_await client_.call({"EVAL", renew_script, "1", key, token, text_of(ttl)}, deadline));
}

Task<Result<bool>> RedisLockService::unlock(std::string key, std::string token, Deadline deadline) {
  co_return is_one(co_await client_.call({"EVAL", unlock_script, "1", key, token}, deadline));
}

Task<Result<bool>> RedisLockService::is_locked(std::string key, Deadline deadline) {
  co_return is_one(co_await client_.call({"EXISTS", key}, deadline));
}

}  // namespace edda::redis
