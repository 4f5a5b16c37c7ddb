#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "ports/clock.hpp"
#include "ports/lock.hpp"

namespace edda::memory {

/// Locks of this process alone, with the meaning of Redis's. Expired ones go when the table is full; if none is,
/// nothing new is locked.
class MemoryLockService final : public LockService {
 public:
  MemoryLockService(Clock& clock, std::size_t locks_max) : clock_(clock), locks_max_(locks_max) {}

  Task<Result<bool>> try_lock(std::string key, std::string token, std::chrono::milliseconds ttl,
                              Deadline deadline) override;
  Task<Result<bool>> renew(std::string key, std::string token, std::chrono::milliseconds ttl,
                           Deadline deadline) override;
  Task<Result<bool>> unlock(std::string key, std::string token, Deadline deadline) override;
  Task<Result<bool>> is_locked(std::string key, Deadline deadline) override;

 private:
  struct Held {
    std::string token;
    SteadyTime until;
  };
  using Table = std::unordered_map<std::string, Held>;
  /// The live lock of `key`; an expired one is removed.
  Table::iterator find_live(const std::string& key, SteadyTime now);

  Clock& clock_;
  const std::size_t locks_max_;
  std::mutex mutex_;
  Table locks_;
};

}  // namespace edda::memory
