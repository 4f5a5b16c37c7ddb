#pragma once

#include "base/result.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"

namespace edda {

/// Raises what may be written into a store (R23); StoreInfo::feature_level tells where it stands.
/// Thread-safety: callable from any thread.
class FeatureLevel {
 public:
  virtual ~FeatureLevel() = default;

  /// Raises the store's level to `to`; a level that is higher already stays. Returns the level that stands then, and `info()` of this
  /// process shows it at once; other processes may see it later, which only means that they write less.
  /// Errors: invalid_argument (not a level that this release knows), unavailable, outcome_unknown.
  virtual Task<Result<int>> raise_feature_level(int to, Deadline deadline) = 0;
};

/// What every adapter asks before it raises a level. Errors: invalid_argument.
Result<void> check_level_to_raise(int to);

/// What every adapter asks when it opens a store. Errors: invalid_argument with reason "feature_level_too_high": a newer release may have
/// written what this one does not understand.
Result<void> check_level_to_open(const StoreInfo& info);

}  // namespace edda
