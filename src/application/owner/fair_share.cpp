#include "owner/fair_share.hpp"

#include <algorithm>

namespace edda::owner {
namespace {

std::size_t owned_by(const ClusterView& view, const std::string& node) {
  return static_cast<std::size_t>(
      std::ranges::count_if(view.shards, [&](const ShardOwner& s) { return s.alive && s.node == node; }));
}

/// How many shards the other nodes lack.
std::size_t lacking_elsewhere(const ClusterView& view, const std::string& node) {
  std::size_t lacking = 0;
  for (const std::string& other : view.nodes) {
    if (other == node) continue;
    const std::size_t share = fair_share(view, other);
    lacking += share - std::min(share, owned_by(view, other));
  }
  return lacking;
}

/// Nodes begin at different shards, so that they seldom reach for the same one.
std::vector<ShardOwner> from_own_corner(const ClusterView& view, const std::string& node) {
  std::vector<ShardOwner> shards = view.shards;
  const auto rank = std::ranges::find(view.nodes, node) - view.nodes.begin();
  const auto nodes = static_cast<std::ptrdiff_t>(std::max<std::size_t>(view.nodes.size(), 1));
  const auto corner = rank * static_cast<std::ptrdiff_t>(shards.size()) / nodes;
  if (corner < static_cast<std::ptrdiff_t>(shards.size())) std::ranges::rotate(shards, shards.begin() + corner);
  return shards;
}

}  // namespace

std::size_t fair_share(const ClusterView& view, const std::string& node) {
  const auto found = std::ranges::find(view.nodes, node);
  if (found == view.nodes.end()) return 0;
  const auto rank = static_cast<std::size_t>(found - view.nodes.begin());
  return view.shards.size() / view.nodes.size() + (rank < view.shards.size() % view.nodes.size() ? 1 : 0);
}

bool is_free(const ShardOwner& shard, const std::string& node, const ShardHoldings& holdings) {
  if (holdings.held.contains(shard.shard)) return false;
  return shard.node.empty() || !shard.alive || shard.node == node;
}

ShardPlan plan_shards(const ClusterView& view, const std::string& node, const ShardHoldings& holdings) {
  ShardPlan plan;
  const std::size_t share = fair_share(view, node);
  const auto shards = from_own_corner(view, node);
  std::size_t free = 0;
  for (const ShardOwner& shard : shards) {
    if (!is_free(shard, node, holdings)) continue;
    ++free;
    const bool mine = holdings.held.size() + plan.take.size() < share;
    if (!holdings.avoided.contains(shard.shard) && (mine || holdings.orphaned.contains(shard.shard)))
      plan.take.push_back(shard);
    else if (shard.node == node && shard.alive && plan.release.empty())
      plan.release.push_back(shard);
  }
  if (holdings.held.size() <= share || lacking_elsewhere(view, node) <= free || !plan.release.empty()) return plan;
  // The last from its corner: the nearest to the next node's. What others left lying is kept as long as there is anything else.
  for (const bool also_orphaned : {true, false})
    for (const ShardOwner& shard : shards)
      if (holdings.held.contains(shard.shard) && (also_orphaned || !holdings.orphaned.contains(shard.shard)))
        plan.release = {shard};
  return plan;
}

}  // namespace edda::owner
