#include "contract/shard_ownership_contract.hpp"

#include <gmock/gmock.h>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {

using testing::ElementsAre;
using testing_support::run_task;
using testing_support::some_deadline;
using std::chrono::milliseconds;

namespace {

NodeProcess process_of(std::string node, int number) {
  Uuid incarnation;
  incarnation.bytes.back() = static_cast<std::uint8_t>(number);
  return {std::move(node), incarnation};
}

}  // namespace

Epoch ContractOwners::take(std::uint16_t shard, std::string node) {
  return run_task(holder_->log().take_over(ShardId{shard}, std::move(node), {}, some_deadline()))->epoch;
}
ClusterView ContractOwners::beat(std::string node, milliseconds lease, int process) {
  return run_task(holder_->owners().beat(process_of(std::move(node), process), lease, some_deadline())).value();
}
void ContractOwners::release(std::uint16_t shard, Epoch epoch) {
  EXPECT_TRUE(run_task(holder_->owners().release(ShardId{shard}, epoch, some_deadline())));
}
void ContractOwners::leave(std::string node, int process) {
  EXPECT_TRUE(run_task(holder_->owners().leave(process_of(std::move(node), process), some_deadline())));
}
std::int64_t ContractOwners::cursor(std::string reader, std::uint16_t shard) {
  return run_task(holder_->cursors().read_cursor(std::move(reader), ShardId{shard}, some_deadline()))->value;
}
Result<void> ContractOwners::move(std::string reader, std::uint16_t shard, Epoch epoch, std::int64_t position) {
  return run_task(
      holder_->cursors().move_cursor(std::move(reader), ShardId{shard}, epoch, Position{position}, some_deadline()));
}

// Cursors

TEST_P(ContractCursors, StartAtTheBeginningAndMoveForwardOnly) {
  const Epoch epoch = take(1, "a");
  EXPECT_EQ(cursor("feed", 1), 0);
  EXPECT_TRUE(move("feed", 1, epoch, 7));
  EXPECT_EQ(cursor("feed", 1), 7);
  EXPECT_TRUE(move("feed", 1, epoch, 3));
  EXPECT_EQ(cursor("feed", 1), 7);
  EXPECT_TRUE(move("feed", 1, epoch, 7));
  EXPECT_EQ(cursor("feed", 1), 7);
}

TEST_P(ContractCursors, AreOneForEachReaderAndShard) {
  const Epoch first = take(0, "a");
  const Epoch second = take(1, "a");
  EXPECT_TRUE(move("feed", 0, first, 5));
  EXPECT_TRUE(move("feed", 1, second, 6));
  EXPECT_TRUE(move("other", 0, first, 2));
  EXPECT_EQ(cursor("feed", 0), 5);
  EXPECT_EQ(cursor("feed", 1), 6);
  EXPECT_EQ(cursor("other", 0), 2);
  EXPECT_EQ(cursor("other", 1), 0);
}

TEST_P(ContractCursors, AreNotMovedByAStaleOwner) {
  const Epoch stale = take(0, "a");
  EXPECT_TRUE(move("feed", 0, stale, 5));
  const Epoch current = take(0, "b");
  const auto refused = move("feed", 0, stale, 9);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::cancelled);
  EXPECT_EQ(refused.error().reason, "fenced");
  EXPECT_EQ(cursor("feed", 0), 5);
  EXPECT_TRUE(move("feed", 0, current, 9));
  EXPECT_EQ(cursor("feed", 0), 9);
}

TEST_P(ContractCursors, OfAShardThatDoesNotExistAreRefused) {
  const auto refused = move("feed", 9, Epoch{0}, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
}

// ShardOwnership

TEST_P(ContractShardOwnership, ShowsEveryShardAndAtFirstNobody) {
  const ClusterView view = beat("a");
  EXPECT_THAT(view.nodes, ElementsAre("a"));
  ASSERT_EQ(view.shards.size(), 3U);
  for (std::uint16_t i = 0; i < 3; ++i) {
    EXPECT_EQ(view.shards[i].shard, ShardId{i});
    EXPECT_EQ(view.shards[i].node, "");
    EXPECT_FALSE(view.shards[i].alive);
  }
}

TEST_P(ContractShardOwnership, ShowsWhoTookWhatUnderWhichEpoch) {
  beat("b");
  const Epoch epoch = take(1, "b");
  const ClusterView view = beat("a");
  EXPECT_THAT(view.nodes, ElementsAre("a", "b"));
  EXPECT_EQ(view.shards[1].node, "b");
  EXPECT_EQ(view.shards[1].epoch, epoch);
  EXPECT_TRUE(view.shards[1].alive);
}

TEST_P(ContractShardOwnership, ANodeLivesAsLongAsItsLastLease) {
  beat("b", milliseconds(500));
  const Epoch epoch = take(0, "b");
  let_pass(milliseconds(400));
  EXPECT_TRUE(beat("a").shards[0].alive);
  let_pass(milliseconds(100));
  ClusterView view = beat("a");
  EXPECT_THAT(view.nodes, ElementsAre("a"));
  EXPECT_EQ(view.shards[0].node, "b");
  EXPECT_EQ(view.shards[0].epoch, epoch);
  EXPECT_FALSE(view.shards[0].alive);
  beat("b", milliseconds(500));
  view = beat("a");
  EXPECT_THAT(view.nodes, ElementsAre("a", "b"));
  EXPECT_TRUE(view.shards[0].alive);
}

TEST_P(ContractShardOwnership, ShowsTheStoresClock) {
  const Timestamp before = beat("a").at;
  let_pass(milliseconds(250));
  EXPECT_EQ(beat("a").at, before + milliseconds(250));
}

TEST_P(ContractShardOwnership, AReleasedShardIsNobodysUnderItsEpoch) {
  beat("a");
  const Epoch epoch = take(2, "a");
  release(2, epoch);
  const ClusterView view = beat("a");
  EXPECT_EQ(view.shards[2].node, "");
  EXPECT_EQ(view.shards[2].epoch, epoch);
  EXPECT_EQ(take(2, "b").value, epoch.value + 1);
}

TEST_P(ContractShardOwnership, AStaleOwnerReleasesNothing) {
  const Epoch stale = take(2, "a");
  take(2, "b");
  release(2, stale);
  EXPECT_EQ(beat("b").shards[2].node, "b");
}

TEST_P(ContractShardOwnership, WhoeverLeavesFreesItsShardsAtOnce) {
  beat("a");
  beat("b");
  take(0, "a");
  take(1, "b");
  leave("a");
  const ClusterView view = beat("b");
  EXPECT_THAT(view.nodes, ElementsAre("b"));
  EXPECT_EQ(view.shards[0].node, "");
  EXPECT_FALSE(view.shards[0].alive);
  EXPECT_EQ(view.shards[1].node, "b");
}

TEST_P(ContractShardOwnership, OneProcessAtATimeLivesUnderAName) {
  const ClusterView first = beat("a", milliseconds(500), 1);
  EXPECT_FALSE(first.other_until);
  let_pass(milliseconds(200));
  const ClusterView second = beat("a", milliseconds(900), 2);
  EXPECT_EQ(second.other_until, first.at + milliseconds(500));
  EXPECT_THAT(second.nodes, ElementsAre("a"));
  EXPECT_EQ(second.shards.size(), 3U);
  // The refusal changed nothing for the first one.
  let_pass(milliseconds(299));
  EXPECT_TRUE(beat("a", milliseconds(500), 2).other_until);
  EXPECT_FALSE(beat("a", milliseconds(500), 1).other_until);
  EXPECT_EQ(beat("a", milliseconds(500), 2).other_until, first.at + milliseconds(999));
}

TEST_P(ContractShardOwnership, TheNextProcessLivesOnceTheLeaseOfTheLastHasRunOut) {
  beat("a", milliseconds(500), 1);
  const Epoch epoch = take(0, "a");
  let_pass(milliseconds(500));
  const ClusterView next = beat("a", milliseconds(500), 2);
  EXPECT_FALSE(next.other_until);
  EXPECT_THAT(next.nodes, ElementsAre("a"));
  // It holds nothing yet, but nobody else may take for dead what is the name's.
  EXPECT_EQ(next.shards[0].node, "a");
  EXPECT_EQ(next.shards[0].epoch, epoch);
  // The last one was only thought dead: now it is the one that must wait.
  EXPECT_EQ(beat("a", milliseconds(500), 1).other_until, next.at + milliseconds(500));
}

TEST_P(ContractShardOwnership, TheNextProcessLivesAtOnceWhenTheLastHasLeft) {
  beat("a", milliseconds(500), 1);
  take(0, "a");
  leave("a", 1);
  const ClusterView next = beat("a", milliseconds(500), 2);
  EXPECT_FALSE(next.other_until);
  EXPECT_EQ(next.shards[0].node, "");
}

TEST_P(ContractShardOwnership, WhoeverWasRefusedTakesNothingWithIt) {
  beat("a", milliseconds(500), 1);
  take(0, "a");
  beat("a", milliseconds(500), 2);
  leave("a", 2);
  const ClusterView view = beat("a", milliseconds(500), 1);
  EXPECT_FALSE(view.other_until);
  EXPECT_EQ(view.shards[0].node, "a");
  EXPECT_TRUE(view.shards[0].alive);
}

}  // namespace edda
