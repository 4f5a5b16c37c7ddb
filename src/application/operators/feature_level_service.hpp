#pragma once

#include <string>

#include "operators/operator_service.hpp"
#include "ports/feature_level.hpp"

namespace edda::operators {

/// Where a store stands, and how far it may be raised.
struct LevelStatus {
  int level = 0;
  int newest = newest_feature_level;  ///< that this release knows
  int raisable_to = 0;                ///< that every node knows; `level` when there is nothing to raise
  std::vector<NodeLevel> nodes;       ///< that live, by name; the one that is asked is among them
};

/// What a raise does, or would do: nothing where `from` and `to` are one.
struct LevelRaise {
  int from = 0;
  int to = 0;
  std::vector<NodeLevel> nodes;
};

/// Raises a store's feature level for an administrator (R23). It leaves an entry "store.feature_level_raised" in the audit log; if that
/// cannot be written, the level stands and the log says so. There is no way back.
/// Thread-safety: callable from any thread.
class FeatureLevelService {
 public:
  struct Ports {
    FeatureLevel& store;
    Audit audit;
    Log& log;
  };
  FeatureLevelService(Ports ports, std::string self) : ports_(std::move(ports)), self_(std::move(self)) {}

  /// Errors: those of the store.
  Task<Result<LevelStatus>> status(Deadline deadline);

  /// Whether it can be raised, with nothing done.
  /// Errors: invalid_argument (a level that this release does not know); rejected, reason "level_stands_higher" or "node_too_old"; those of
  /// the store.
  Task<Result<LevelRaise>> preview(int to, Deadline deadline);
  /// A level that stands already is no error: the answer to an earlier request may have been lost. Errors: as `preview`.
  Task<Result<LevelRaise>> raise(int to, accounts::Actor actor, Deadline deadline);

 private:
  Task<void> audit(accounts::Actor actor, const LevelRaise& raised, Deadline deadline);

  Ports ports_;
  const std::string self_;
};

}  // namespace edda::operators
