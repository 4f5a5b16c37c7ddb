#include "owner/fair_share.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

namespace edda::owner {
namespace {

/// All nodes look at the same instant and do what they planned; of several that reach for one shard the first is quick enough.
struct World {
  World(std::size_t nodes, std::size_t shards) : held(nodes) {
    for (std::size_t i = 0; i < nodes; ++i) view.nodes.push_back(fmt::format("node-{}", i));
    for (std::size_t i = 0; i < shards; ++i) view.shards.push_back({ShardId{static_cast<std::uint16_t>(i)}, "", Epoch{1}, false});
  }

  void give(std::size_t shard, std::size_t node) {
    view.shards[shard].node = view.nodes[node];
    view.shards[shard].alive = true;
    held[node].held[view.shards[shard].shard] = view.shards[shard].epoch;
  }
  /// Returns how many shards changed hands.
  std::size_t step() {
    const ClusterView seen = view;
    std::size_t moves = 0;
    for (std::size_t node = 0; node < held.size(); ++node) {
      const ShardPlan plan = plan_shards(seen, view.nodes[node], held[node]);
      for (const ShardOwner& shard : plan.release) {
        ++moves;
        held[node].held.erase(shard.shard);
        view.shards[shard.shard.value].node.clear();
        view.shards[shard.shard.value].alive = false;
      }
      for (const ShardOwner& shard : plan.take) {
        if (view.shards[shard.shard.value].epoch != shard.epoch) continue;
        ++moves;
        ++view.shards[shard.shard.value].epoch.value;
        give(shard.shard.value, node);
      }
    }
    return moves;
  }

  ClusterView view;
  std::vector<ShardHoldings> held;
};

TEST(UnitFairShare, DividesAndGivesTheRestToTheFirst) {
  const World world(3, 16);
  EXPECT_EQ(fair_share(world.view, "node-0"), 6U);
  EXPECT_EQ(fair_share(world.view, "node-1"), 5U);
  EXPECT_EQ(fair_share(world.view, "node-2"), 5U);
  EXPECT_EQ(fair_share(world.view, "node-9"), 0U);
}

TEST(UnitFairShare, NobodyReleasesForAShardThatIsFreeAnyway) {
  World world(2, 4);
  for (std::size_t shard = 0; shard < 3; ++shard) world.give(shard, 0);
  EXPECT_EQ(plan_shards(world.view, "node-0", world.held[0]).release.size(), 1U) << "the other lacks two, one is free";
  world.view.shards[0].node.clear();
  world.held[0].held.erase(ShardId{0});
  EXPECT_TRUE(plan_shards(world.view, "node-0", world.held[0]).release.empty());
}

RC_GTEST_PROP(UnitFairShare, FromAnywhereSharesBecomeEvenAndThenNothingMoves, ()) {
  const auto nodes = *rc::gen::inRange<std::size_t>(1, 8);
  const auto shards = *rc::gen::inRange<std::size_t>(1, 40);
  World world(nodes, shards);
  for (std::size_t shard = 0; shard < shards; ++shard) {
    const auto owner = *rc::gen::inRange<std::size_t>(0, nodes + 1);
    if (owner < nodes) world.give(shard, owner);
  }
  std::size_t rounds = 0;
  while (world.step() > 0) RC_ASSERT(++rounds <= 3 * shards + 3);
  for (std::size_t node = 0; node < nodes; ++node)
    RC_ASSERT(world.held[node].held.size() == fair_share(world.view, world.view.nodes[node]));
}

}  // namespace
}  // namespace edda::owner
