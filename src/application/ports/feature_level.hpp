#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"

namespace edda {

/// A node that lives, and the newest feature level that its release knows: nodes show it with their heartbeats.
struct NodeLevel {
  std::string node;
  int newest = newest_feature_level;

  friend bool operator==(const NodeLevel&, const NodeLevel&) = default;
};

/// Where a store stands, as of one instant.
struct LevelView {
  int level = 0;
  std::vector<NodeLevel> nodes;  ///< that live, by name; empty where only one process can open the store
};

/// Raises what may be written into a store (R23); StoreInfo::feature_level tells where it stands.
/// Thread-safety: callable from any thread.
class FeatureLevel {
 public:
  virtual ~FeatureLevel() = default;

  /// Fresh from the store. Errors: unavailable.
  virtual Task<Result<LevelView>> look_at_level(Deadline deadline) = 0;

  /// Raises the store's level to `to`, if every node that lives knows it; a level that is higher already stays. Returns the level that
  /// stands then, and `info()` of this process shows it at once; other processes may see it later, which only means that they write less.
  /// Errors: invalid_argument (not a level that this release knows), rejected with reason "node_too_old" (nothing was changed), unavailable,
  /// outcome_unknown.
  virtual Task<Result<int>> raise_feature_level(int to, Deadline deadline) = 0;
};

/// What every adapter asks before it raises a level. Errors: invalid_argument.
Result<void> check_level_to_raise(int to);

/// Whether all of the nodes know `to`. Errors: rejected "node_too_old"; the message names those that do not.
Result<void> check_nodes_know(int to, std::span<const NodeLevel> nodes);

/// What every adapter asks when it opens a store. Errors: invalid_argument with reason "feature_level_too_high": a newer release may have
/// written what this one does not understand.
Result<void> check_level_to_open(const StoreInfo& info);

}  // namespace edda
