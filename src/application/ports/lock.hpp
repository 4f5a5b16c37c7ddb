#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda {

/// Locks with an end, as Redis gives them by `SET key token NX PX ttl`. A fast filter against doubles and nothing more:
/// a holder may have lost its lock without knowing, so whatever must be true is decided by a claim in the store. Every
/// method: errors unavailable, overloaded (surely not done), outcome_unknown (no answer; what was asked may hold). Whoever
/// meets one goes on without the lock. Thread-safety: callable from any thread.
class LockService {
 public:
  virtual ~LockService() = default;

  /// True: `token` holds `key` for `ttl` from now. False: somebody else does (the same token again counts as somebody
  /// else).
  virtual Task<Result<bool>> try_lock(std::string key, std::string token, std::chrono::milliseconds ttl,
                                      Deadline deadline) = 0;
  /// True: `token` still held `key` and now holds it for `ttl` from now.
  virtual Task<Result<bool>> renew(std::string key, std::string token, std::chrono::milliseconds ttl,
                                   Deadline deadline) = 0;
  /// True: `token` held `key` and no longer does. Never takes away another holder's lock.
  virtual Task<Result<bool>> unlock(std::string key, std::string token, Deadline deadline) = 0;
  virtual Task<Result<bool>> is_locked(std::string key, Deadline deadline) = 0;
};

}  // namespace edda
