#pragma once

#include "ports/event_store.hpp"

namespace edda::owner {

/// Acts for shards while this node owns them.
/// Thread-safety: on the owner's executor.
class ShardUser {
 public:
  virtual ~ShardUser() = default;

  /// The shard is this node's from here on; `taken` says under which epoch and where its log ended. A shard taken again under a new epoch
  /// is begun anew.
  virtual void take(ShardId shard, const TakeOver& taken) = 0;
  /// The shard is another's, or may be: nothing new is begun for it. No-op for a shard that is not held.
  virtual void drop(ShardId shard) = 0;
};

/// Why a shard user can no longer act for a shard.
enum class ShardLoss {
  fenced,         ///< the store knows a later epoch
  unreadable,     ///< it holds an order that this node cannot read; another may
  newer_release,  ///< it holds what only a newer release can have written: this one decides nothing there (R23)
  log_cut,        ///< a fail-over: the log ends before where it was read to, or the store is of another generation
};

}  // namespace edda::owner
