#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/shard_ownership.hpp"

namespace edda::owner {

/// What one node should do about the shards, given what it sees. Every node reckons the same shares from the same view: the shards divided
/// by the living nodes, the first ones in the order of their names one more where it does not come out even.
struct ShardPlan {
  std::vector<ShardOwner> take;        ///< in this order, each only under the epoch seen
  std::vector<ShardOwner> release;     ///< at most one a view: a shard changes hands without stopping the others
};

struct ShardHoldings {
  std::map<ShardId, Epoch> held;       ///< that this node acts for
  std::set<ShardId> avoided;           ///< that it should leave to others
  std::set<ShardId> orphaned;          ///< that nobody took for some time: taken beyond the share
};

/// Pure.
std::size_t fair_share(const ClusterView& view, const std::string& node);
ShardPlan plan_shards(const ClusterView& view, const std::string& node, const ShardHoldings& holdings);

/// True for a shard that `node` may take: nobody's, a dead node's, or its own from an earlier life.
bool is_free(const ShardOwner& shard, const std::string& node, const ShardHoldings& holdings);

}  // namespace edda::owner
