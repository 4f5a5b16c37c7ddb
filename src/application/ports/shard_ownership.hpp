#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "ports/task.hpp"

namespace edda {

/// A shard as all nodes see it.
struct ShardOwner {
  ShardId shard;
  std::string node;    ///< empty: nobody owns it
  Epoch epoch;
  bool alive = false;  ///< the owner's heartbeat has not lapsed, by the store's clock
  std::optional<Timestamp> since = {};  ///< when it was taken, by the store's clock; unset where the store does not keep it
};

/// One process that lives under a node's name. Two of them must never live under one name: `incarnation` tells them apart.
struct NodeProcess {
  std::string node;
  Uuid incarnation = {};  ///< drawn anew by each process
};

/// The cluster as of one instant of the store's clock.
struct ClusterView {
  std::vector<std::string> nodes;  ///< whose heartbeat has not lapsed, sorted; the asking node is among them
  std::vector<ShardOwner> shards;  ///< by shard number
  Timestamp at;                    ///< the store's clock: tells a node how far its own is off
  /// Set: another process lives under the asking one's name, until then if it does not show itself again. The asking one does not live.
  std::optional<Timestamp> other_until = {};
};

/// Who is alive and who owns what. Taking a shard is EventStore::take_over, which fences the owner before; here nodes only show that they
/// live, and look. A node counts its lease down on its own steady clock, from before it asked for it (section 4 of the design).
/// Thread-safety: callable from any thread. Errors: unavailable (surely not done), outcome_unknown (asking again is harmless).
class ShardOwnership {
 public:
  virtual ~ShardOwnership() = default;

  /// `self` lives for `lease` from now, by the store's clock; but not as long as another process does under its name.
  virtual Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) = 0;

  /// Hands the shard over: nobody owns it, if `epoch` is still the shard's; else nothing changes.
  virtual Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) = 0;

  /// `self` lives no more; its shards are free at once. Nothing changes where its name is another process's by now.
  virtual Task<Result<void>> leave(NodeProcess self, Deadline deadline) = 0;
};

}  // namespace edda
