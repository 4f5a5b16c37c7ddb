#include "owner/home_shards.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace edda::owner {
namespace {

Uuid with_low16(std::uint16_t low16) {
  return make_uuid_v7(Timestamp{}, {}, low16);
}

RC_GTEST_PROP(UnitHomeShards, NewIdsLieInShardsOfThisNode, (std::uint16_t draw)) {
  const auto shards = *rc::gen::inRange<std::uint16_t>(1, 300);
  const auto held = *rc::gen::nonEmpty(rc::gen::container<std::set<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, shards)));
  HomeShards home(shards);
  for (const std::uint16_t shard : held) home.take(ShardId{shard}, {});
  RC_ASSERT(held.contains(shard_of(with_low16(home.low16(draw)), shards).value));
}

TEST(UnitHomeShards, AllOfThemGetTheirPart) {
  HomeShards home(16);
  for (const std::uint16_t shard : std::initializer_list<std::uint16_t>{3, 7, 15}) home.take(ShardId{shard}, {});
  std::map<std::uint16_t, int> drawn;
  for (std::uint16_t draw = 0; draw < 3000; ++draw) ++drawn[shard_of(with_low16(home.low16(draw)), 16).value];
  ASSERT_EQ(drawn.size(), 3U);
  for (const auto& [shard, count] : drawn) EXPECT_GT(count, 800) << shard;
}

/// A batch whose orders are all over the node's shards writes each shard's rows.
TEST(UnitHomeShards, OrdersInARowAreAtHomeTogether) {
  HomeShards home(16);
  for (const std::uint16_t shard : std::initializer_list<std::uint16_t>{3, 7, 15}) home.take(ShardId{shard}, {});
  int changes = 0;
  std::uint16_t last = 0;
  for (std::uint16_t draw = 0; draw < 300; ++draw) {
    const auto shard = shard_of(with_low16(home.low16(draw)), 16).value;
    changes += shard == last ? 0 : 1;
    last = shard;
  }
  EXPECT_GE(changes, 3);
  EXPECT_LE(changes, 30);
}

TEST(UnitHomeShards, ANodeThatOwnsNoneTakesOrdersAllTheSame) {
  HomeShards home(16);
  home.take(ShardId{4}, {});
  home.drop(ShardId{4});
  EXPECT_EQ(home.low16(0xCDEF), 0xCDEF);
}

}  // namespace
}  // namespace edda::owner
