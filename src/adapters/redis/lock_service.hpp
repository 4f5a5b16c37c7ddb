#pragma once

#include "ports/lock.hpp"
#include "redis/client.hpp"

namespace edda::redis {

/// Locks that all nodes share: SET NX PX, renewed and released by scripts that compare the token first. A lock lives in one server's
/// memory and ends when that is restarted, flushed, or fails over: see LockService. A try_lock without an answer may hold the lock
/// until its time is over.
/// Thread-safety: callable from any thread. Lifetime: the client outlives it.
class RedisLockService final : public LockService {
 public:
  explicit RedisLockService(Client& client) : client_(client) {}

  Task<Result<bool>> try_lock(std::string key, std::string token, std::chrono::milliseconds ttl, Deadline deadline) override;
  Task<Result<bool>> renew(std::string key, std::string token, std::chrono::milliseconds ttl, Deadline deadline) override;
  Task<Result<bool>> unlock(std::string key, std::string token, Deadline deadline) override;
  Task<Result<bool>> is_locked(std::string key, Deadline deadline) override;

 private:
  Client& client_;
};

}  // namespace edda::redis
