#include "owner/shard_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "memory/event_store.hpp"
#include "support/quiet_log.hpp"
#include "support/run_task.hpp"
#include "support/stepped_clock.hpp"

namespace edda::owner {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using testing::SizeIs;
using testing_support::run_task;
using testing_support::SteppedClock;

/// A node's own clock: the wall may be off.
class NodeClock final : public Clock {
 public:
  explicit NodeClock(SteppedClock& time) : time_(time) {}
  Timestamp now() override { return time_.now() + off; }
  SteadyTime steady_now() override { return time_.steady_now(); }
  Task<void> sleep_until(SteadyTime at) override { return time_.sleep_until(at); }
  milliseconds off{0};

 private:
  SteppedClock& time_;
};

/// The store, until the node is cut off from it.
class Line final : public ShardOwnership {
 public:
  explicit Line(ShardOwnership& to) : to_(to) {}
  Task<Result<ClusterView>> beat(NodeProcess self, milliseconds lease, Deadline deadline) override {
    if (cut) co_return fail(Errc::unavailable, "cut off");
    co_return co_await to_.beat(std::move(self), lease, deadline);
  }
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override {
    if (cut) co_return fail(Errc::unavailable, "cut off");
    co_return co_await to_.release(shard, epoch, deadline);
  }
  Task<Result<void>> leave(NodeProcess self, Deadline deadline) override {
    if (cut) co_return fail(Errc::unavailable, "cut off");
    co_return co_await to_.leave(std::move(self), deadline);
  }
  bool cut = false;

 private:
  ShardOwnership& to_;
};

struct Held final : ShardUser {
  void take(ShardId shard, const TakeOver& taken) override { shards[shard] = taken.epoch; }
  void drop(ShardId shard) override { shards.erase(shard); }
  std::map<ShardId, Epoch> shards;
};

class UnitShardKeeper : public testing::Test {
 protected:
  struct Node {
    Node(UnitShardKeeper& world, const std::string& name, Uuid incarnation)
        : clock(world.time),
          line(world.store),
          keeper(world.context.get_executor(), world.store, line, clock, world.log, {&held},
                 {.node = name, .incarnation = incarnation}) {
      keeper.start();
      world.settle();
    }
    NodeClock clock;
    Line line;
    Held held;
    ShardKeeper keeper;
    bool stopped = false;
  };

  void TearDown() override {
    for (auto& node : nodes) stop(*node);
  }
  Node& start(std::string name) {
    Uuid incarnation;
    incarnation.bytes.back() = static_cast<std::uint8_t>(nodes.size() + 1);
    return *nodes.emplace_back(std::make_unique<Node>(*this, name, incarnation));
  }
  void stop(Node& node) {
    if (std::exchange(node.stopped, true)) return;
    bool done = false;
    asio::co_spawn(context, node.keeper.stop(), [&](std::exception_ptr) { done = true; });
    settle();
    EXPECT_TRUE(done);
  }
  void settle() {
    context.restart();
    context.poll();
  }
  /// Ten milliseconds at a time, and never do two nodes act for one shard.
  void let_pass(milliseconds while_) {
    for (milliseconds passed{0}; passed < while_; passed += milliseconds(10)) {
      time.advance(milliseconds(10));
      settle();
      std::map<ShardId, int> holders;
      for (const auto& node : nodes)
        for (const auto& [shard, epoch] : node->held.shards) EXPECT_EQ(++holders[shard], 1) << shard.value;
    }
  }
  std::size_t held_in_all() const {
    std::size_t all = 0;
    for (const auto& node : nodes) all += node->held.shards.size();
    return all;
  }

  asio::io_context context;
  SteppedClock time;
  testing_support::QuietLog log;
  memory::MemoryEventStore store{{.shards = 16, .generation = {}}, &time};
  std::vector<std::unique_ptr<Node>> nodes;
};

TEST_F(UnitShardKeeper, ANodeAloneTakesAllAtOnce) {
  Node& a = start("a");
  EXPECT_THAT(a.held.shards, SizeIs(16));
  let_pass(milliseconds(10'000));
  EXPECT_THAT(a.held.shards, SizeIs(16));
  EXPECT_EQ(a.keeper.stats().taken, 16U);
}

TEST_F(UnitShardKeeper, SaysWhenItHasJoinedAndWhatIsWrong) {
  Node& a = start("a");
  EXPECT_TRUE(a.keeper.has_joined());
  EXPECT_FALSE(a.keeper.trouble());
  a.line.cut = true;
  let_pass(milliseconds(400));
  ASSERT_TRUE(a.keeper.trouble());
  EXPECT_EQ(a.keeper.trouble()->message, "cut off");
  a.line.cut = false;
  let_pass(milliseconds(700));
  EXPECT_FALSE(a.keeper.trouble());
}

TEST_F(UnitShardKeeper, SharesBecomeEvenAndStayAsTheyAre) {
  Node& a = start("a");
  Node& b = start("b");
  Node& c = start("c");
  let_pass(milliseconds(10'000));
  EXPECT_THAT(a.held.shards, SizeIs(6));
  EXPECT_THAT(b.held.shards, SizeIs(5));
  EXPECT_THAT(c.held.shards, SizeIs(5));
  const auto as_they_are = a.held.shards;
  let_pass(milliseconds(10'000));
  EXPECT_EQ(a.held.shards, as_they_are);
}

TEST_F(UnitShardKeeper, ADeadNodesShardsAreTakenWithinTwoSeconds) {
  Node& a = start("a");
  Node& b = start("b");
  Node& c = start("c");
  let_pass(milliseconds(10'000));
  c.line.cut = true;
  let_pass(milliseconds(1'990));
  EXPECT_EQ(a.held.shards.size() + b.held.shards.size(), 16U);
  EXPECT_THAT(c.held.shards, SizeIs(0)) << "its lease ran out on its own clock";
  EXPECT_EQ(c.keeper.stats().lapses, 1U);
}

TEST_F(UnitShardKeeper, ANodeThatComesBackGetsItsShareAgain) {
  start("a");
  Node& b = start("b");
  let_pass(milliseconds(8'000));
  b.line.cut = true;
  let_pass(milliseconds(3'000));
  b.line.cut = false;
  let_pass(milliseconds(8'000));
  EXPECT_THAT(b.held.shards, SizeIs(8));
  EXPECT_EQ(held_in_all(), 16U);
}

TEST_F(UnitShardKeeper, AnOrderlyStopHandsEverythingOverAtOnce) {
  Node& a = start("a");
  Node& b = start("b");
  let_pass(milliseconds(8'000));
  stop(b);
  EXPECT_THAT(b.held.shards, SizeIs(0));
  let_pass(milliseconds(300));
  EXPECT_THAT(a.held.shards, SizeIs(16));
}

TEST_F(UnitShardKeeper, ANodeWhoseClockIsOffActsForNothingUntilItIsRight) {
  Node& a = start("a");
  Node& b = start("b");
  let_pass(milliseconds(8'000));
  b.clock.off = milliseconds(-2'500);
  let_pass(milliseconds(1'000));
  EXPECT_THAT(b.held.shards, SizeIs(0));
  EXPECT_THAT(a.held.shards, SizeIs(16));
  let_pass(milliseconds(10'000));
  EXPECT_THAT(b.held.shards, SizeIs(0));
  b.clock.off = milliseconds(0);
  let_pass(milliseconds(10'000));
  EXPECT_THAT(b.held.shards, SizeIs(8));
}

TEST_F(UnitShardKeeper, AShardThatWasTakenAwayIsDroppedAtTheNextLook) {
  Node& a = start("a");
  ASSERT_TRUE(run_task(store.take_over(ShardId{3}, "nobody-alive", {}, {SteadyTime::max()})));
  const Epoch before = a.held.shards[ShardId{3}];
  let_pass(milliseconds(300));
  EXPECT_GT(a.held.shards[ShardId{3}], before) << "dropped, seen to be a dead node's, and taken again";
}

TEST_F(UnitShardKeeper, AFencedShardIsDroppedAndTakenUpAgainOnlyByTheView) {
  Node& a = start("a");
  const Epoch epoch = a.held.shards[ShardId{3}];
  a.keeper.lost(ShardId{3}, epoch, ShardLoss::fenced);
  EXPECT_FALSE(a.keeper.holds(ShardId{3}));
  let_pass(milliseconds(300));
  EXPECT_EQ(a.held.shards[ShardId{3}].value, epoch.value + 1);
}

TEST_F(UnitShardKeeper, AShardThatCannotBeReadGoesToAnotherNodeOnceAndIsKeptWhenItComesBack) {
  Node& a = start("a");
  Node& b = start("b");
  let_pass(milliseconds(8'000));
  const ShardId shard = a.held.shards.begin()->first;
  a.keeper.lost(shard, a.held.shards[shard], ShardLoss::unreadable);
  let_pass(milliseconds(5'000));
  EXPECT_TRUE(b.held.shards.contains(shard));
  EXPECT_EQ(held_in_all(), 16U);
  b.keeper.lost(shard, b.held.shards[shard], ShardLoss::unreadable);
  let_pass(milliseconds(70'000));
  EXPECT_EQ(held_in_all(), 16U);
  Node& keeper = a.held.shards.contains(shard) ? a : b;
  keeper.keeper.lost(shard, keeper.held.shards[shard], ShardLoss::unreadable);
  EXPECT_TRUE(keeper.held.shards.contains(shard));
}

TEST_F(UnitShardKeeper, AShardIntoWhichANewerReleaseWroteIsLeftToOthersForGood) {
  Node& a = start("a");
  let_pass(milliseconds(3'000));
  const ShardId shard = a.held.shards.begin()->first;
  a.keeper.lost(shard, a.held.shards[shard], ShardLoss::newer_release);
  EXPECT_TRUE(a.held.shards.contains(shard)) << "nobody else is there: what stands in the log is published at least";
  Node& b = start("b");
  let_pass(milliseconds(8'000));
  EXPECT_TRUE(b.held.shards.contains(shard));
  EXPECT_EQ(held_in_all(), 16U);
  b.keeper.lost(shard, b.held.shards[shard], ShardLoss::newer_release);
  let_pass(milliseconds(100'000));
  EXPECT_EQ(held_in_all(), 15U) << "both are too old: it waits for a newer one";
}

TEST_F(UnitShardKeeper, OfTwoLivingProcessesUnderOneIdTheSecondIsRefused) {
  Node& first = start("a");
  Node& second = start("a");
  EXPECT_FALSE(second.keeper.is_registered());
  EXPECT_FALSE(second.keeper.displaced()) << "the first may be dead, as far as one look tells";
  let_pass(milliseconds(900));
  ASSERT_TRUE(second.keeper.displaced());
  EXPECT_EQ(second.keeper.displaced()->reason, "node_id_taken");
  EXPECT_NE(second.keeper.displaced()->message.find(" as a,"), std::string::npos);
  let_pass(milliseconds(10'000));
  EXPECT_THAT(first.held.shards, SizeIs(16));
  EXPECT_EQ(first.keeper.stats().taken, 16U);
  // It leaves nothing behind, and the end of the first one lets the next in at once.
  stop(second);
  EXPECT_TRUE(first.keeper.is_registered());
  let_pass(milliseconds(600));
  EXPECT_THAT(first.held.shards, SizeIs(16));
  stop(first);
  Node& third = start("a");
  EXPECT_TRUE(third.keeper.is_registered());
  let_pass(milliseconds(300));
  EXPECT_THAT(third.held.shards, SizeIs(16));
}

TEST_F(UnitShardKeeper, AfterAKillTheNextProcessWaitsForTheLeaseAndIsNotRefused) {
  Node& killed = start("a");
  killed.line.cut = true;
  Node& next = start("a");
  for (milliseconds waited{0}; waited < milliseconds(1'400); waited += milliseconds(10)) {
    let_pass(milliseconds(10));
    EXPECT_FALSE(next.keeper.displaced());
    EXPECT_FALSE(next.keeper.is_registered());
  }
  let_pass(milliseconds(400));
  EXPECT_TRUE(next.keeper.is_registered());
  EXPECT_THAT(next.held.shards, SizeIs(16));
}

TEST_F(UnitShardKeeper, AProcessThatStoodStillWhileAnotherTookItsIdActsNoMore) {
  Node& first = start("a");
  first.line.cut = true;
  let_pass(milliseconds(1'600));
  Node& second = start("a");
  let_pass(milliseconds(300));
  EXPECT_THAT(second.held.shards, SizeIs(16));
  first.line.cut = false;
  let_pass(milliseconds(2'000));
  EXPECT_TRUE(first.keeper.displaced());
  EXPECT_THAT(first.held.shards, SizeIs(0));
  EXPECT_THAT(second.held.shards, SizeIs(16));
  stop(second);
  let_pass(milliseconds(600));
  EXPECT_FALSE(first.keeper.displaced());
  EXPECT_THAT(first.held.shards, SizeIs(16)) << "the id is its own again";
}

}  // namespace
}  // namespace edda::owner
