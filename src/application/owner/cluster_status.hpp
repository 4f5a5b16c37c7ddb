#pragma once

#include <string>
#include <vector>

#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/shard_ownership.hpp"

namespace edda::owner {

struct ShardStatus {
  ShardOwner owner;
  Position last;                      ///< where its log ends
  std::optional<Position> published;  ///< up to where it is published; unset where nobody publishes
};

/// Who owns what and how far behind, for people.
struct ClusterStatus {
  Timestamp at;                    ///< of the owners: the store's clock
  std::string self;                ///< the node that was asked
  std::vector<std::string> nodes;  ///< that live
  std::vector<ShardStatus> shards;
};

/// `view`: the owners as they were seen last. `reader`: the cursor that the publisher keeps; empty where there is none.
/// Errors: those of the store.
Task<Result<ClusterStatus>> cluster_status(ClusterView view, std::string self, EventStore& store, Cursors& cursors,
                                           std::string reader, Deadline deadline);

}  // namespace edda::owner
