#include "memory/lock_service.hpp"

#include <utility>

namespace edda::memory {

Task<Result<bool>> MemoryLockService::try_lock(std::string key, std::string token, std::chrono::milliseconds ttl,
                                               Deadline) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  if (find_live(key, now) != locks_.end()) co_return false;
  if (locks_.size() >= locks_max_) {
    std::erase_if(locks_, [now](const auto& entry) { return entry.second.until <= now; });
  }
  if (locks_.size() >= locks_max_)
    co_return fail(Errc::overloaded, "Too many locks are held: try again when some have ended");
  locks_.emplace(std::move(key), Held{std::move(token), now + ttl});
  co_return true;
}

Task<Result<bool>> MemoryLockService::renew(std::string key, std::string token, std::chrono::milliseconds ttl,
                                            Deadline) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  const auto found = find_live(key, now);
  if (found == locks_.end() || found->second.token != token) co_return false;
  found->second.until = now + ttl;
  co_return true;
}

Task<Result<bool>> MemoryLockService::unlock(std::string key, std::string token, Deadline) {
  const std::lock_guard lock(mutex_);
  const auto found = find_live(key, clock_.steady_now());
  if (found == locks_.end() || found->second.token != token) co_return false;
  locks_.erase(found);
  co_return true;
}

Task<Result<bool>> MemoryLockService::is_locked(std::string key, Deadline) {
  const std::lock_guard lock(mutex_);
  co_return find_live(key, clock_.steady_now()) != locks_.end();
}

MemoryLockService::Table::iterator MemoryLockService::find_live(const std::string& key, SteadyTime now) {
  const auto found = locks_.find(key);
  if (found == locks_.end() || found->second.until > now) return found;
  locks_.erase(found);
  return locks_.end();
}

}  // namespace edda::memory
