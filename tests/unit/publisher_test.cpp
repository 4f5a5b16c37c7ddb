#include "owner/publisher.hpp"

#include <gtest/gtest.h>

#include "memory/event_store.hpp"
#include "support/forwarding_store.hpp"
#include "support/run_task.hpp"
#include "unit/owner_node.hpp"

namespace edda::owner {
namespace {

using namespace owner_testing;
using testing_support::run_task;

class Sink final : public EventSink {
 public:
  Task<Result<void>> publish(ShardId, std::vector<RecordedEvent> events, Deadline) override {
    for (const auto& event : events) {
      out.push_back(event.position.value);
      told.push_back(event);
      if (broken) co_return fail(Errc::unavailable, "the broker is away");  // a part of them may be out
    }
    co_return Result<void>{};
  }
  std::vector<std::int64_t> out;
  std::vector<RecordedEvent> told;
  bool broken = false;
};

/// Counts how often the log is read.
class CountedReads final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit, Deadline deadline) override {
    ++count;
    return ForwardingStore::read_shard(shard, after, limit, deadline);
  }
  int count = 0;
};

auto all_of(const RecordedEvent& e) {
  return std::tie(e.shard, e.position, e.stream, e.version, e.type, e.at, e.node, e.turn, e.correlation, e.causation, e.data);
}

class UnitPublisher : public testing::Test {
 protected:
  explicit UnitPublisher(milliseconds gather = milliseconds(0)) : gather_(gather) {
    node.overhear = [this](auto turns) { publisher.on_commit(turns); };
    node.start();
    take();
  }
  ~UnitPublisher() override { node.spawn(publisher.stop()); }

  void take() {
    const auto taken = run_task(store.take_over(ShardId{0}, "node-1", {}, Node::far()));
    node.dispatcher.take(ShardId{0}, *taken);
    publisher.take(ShardId{0}, *taken);
    node.settle();
  }
  std::int64_t cursor() { return run_task(store.read_cursor("feed", ShardId{0}, Node::far()))->value; }
  std::int64_t end() { return run_task(store.last_positions(Node::far()))->front().value; }
  static std::vector<std::int64_t> up_to(std::int64_t last) {
    std::vector<std::int64_t> all;
    for (std::int64_t i = 1; i <= last; ++i) all.push_back(i);
    return all;
  }

  memory::MemoryEventStore store;
  ScriptedGateway gateway;
  SteppedClock clock;
  Sink sink;
  Node node{store, gateway, clock};
  const milliseconds gather_;
  CountedReads reads{store};
  Publisher publisher{node.context.get_executor(), reads, store, sink, clock, node.log, {.page = 3, .gather = gather_}};
};
class UnitPublisherPace : public UnitPublisher {
 protected:
  UnitPublisherPace() : UnitPublisher(milliseconds(100)) {}
};

TEST_F(UnitPublisher, PublishesEveryEventOnceInOrderAndMovesItsCursor) {
  node.place(1);
  node.place(2);
  EXPECT_EQ(sink.out, up_to(end()));
  EXPECT_EQ(cursor(), end());
  EXPECT_EQ(publisher.stats().behind, 0);
}

TEST_F(UnitPublisher, TheCursorStandsWhileTheSinkIsAwayAndEverythingFollowsWhenItIsBack) {
  sink.broken = true;
  node.place(1);
  EXPECT_EQ(cursor(), 0);
  EXPECT_EQ(publisher.stats().behind, end());
  EXPECT_EQ(sink.out.size(), 1U);
  clock.advance(milliseconds(99));
  node.settle();
  EXPECT_EQ(sink.out.size(), 1U);
  clock.advance(milliseconds(1));
  node.settle();
  EXPECT_EQ(sink.out.size(), 2U);
  clock.advance(milliseconds(100));
  node.settle();
  EXPECT_EQ(sink.out.size(), 2U) << "each pause is twice as long as the one before";
  sink.broken = false;
  sink.out.clear();
  clock.advance(milliseconds(100));
  node.settle();
  EXPECT_EQ(sink.out, up_to(end()));
  EXPECT_EQ(cursor(), end());
}

TEST_F(UnitPublisher, WhatItCommittedItselfIsPublishedAsItStandsInTheLogAndNotReadBack) {
  node.place(1);
  node.place(2);
  EXPECT_EQ(reads.count, 0);
  const auto stored = run_task(store.read_shard(ShardId{0}, Position{0}, 1'000, Node::far()));
  ASSERT_EQ(sink.told.size(), stored->size());
  for (std::size_t i = 0; i < stored->size(); ++i) EXPECT_EQ(all_of(sink.told[i]), all_of((*stored)[i])) << i;
}

TEST_F(UnitPublisher, WhatCouldNotBePublishedIsReadBack) {
  sink.broken = true;
  node.place(1);
  sink.broken = false;
  sink.out.clear();
  clock.advance(milliseconds(100));
  node.settle();
  EXPECT_GT(reads.count, 0);
  EXPECT_EQ(sink.out, up_to(end()));
  reads.count = 0;
  node.place(2);
  EXPECT_EQ(reads.count, 0);
  EXPECT_EQ(sink.out, up_to(end()));
}

TEST_F(UnitPublisher, TellsSinceWhenEventsWait) {
  EXPECT_EQ(publisher.stats().behind_since, std::nullopt);
  sink.broken = true;
  const Timestamp placed = clock.now();
  node.place(1);
  EXPECT_EQ(publisher.stats().behind_since, placed);
  clock.advance(std::chrono::seconds(30));
  node.place(2);
  EXPECT_EQ(publisher.stats().behind_since, placed) << "the oldest counts";
  sink.broken = false;
  clock.advance(std::chrono::seconds(10));
  node.settle();
  EXPECT_EQ(cursor(), end());
  EXPECT_EQ(publisher.stats().behind_since, std::nullopt);
}

TEST_F(UnitPublisher, ANewOwnerGoesOnBehindTheCursor) {
  node.place(1);
  const auto before = end();
  sink.out.clear();
  publisher.drop(ShardId{0});
  node.place(2);
  EXPECT_TRUE(sink.out.empty());
  take();
  ASSERT_FALSE(sink.out.empty());
  EXPECT_EQ(sink.out.front(), before + 1);
  EXPECT_EQ(cursor(), end());
}

TEST_F(UnitPublisher, AFencedOwnerStops) {
  std::vector<ShardLoss> losses;
  publisher.on_lost([&](ShardId, Epoch, ShardLoss why) { losses.push_back(why); });
  ASSERT_TRUE(run_task(store.take_over(ShardId{0}, "node-2", {}, Node::far())));
  node.place(1);
  EXPECT_EQ(cursor(), 0);
  EXPECT_EQ(losses, std::vector{ShardLoss::fenced});
  EXPECT_EQ(publisher.stats().fenced, 1U);
  const auto told = sink.out.size();
  node.place(2);
  EXPECT_EQ(sink.out.size(), told);
}

TEST_F(UnitPublisherPace, WhatIsCommittedSoonAfterAPageGoesTogether) {
  node.place(1);
  const auto first = sink.out.size();
  EXPECT_GT(first, 0U) << "after a quiet time nothing waits";
  node.place(2);
  node.place(3);
  clock.advance(milliseconds(99));
  node.settle();
  EXPECT_EQ(sink.out.size(), first);
  clock.advance(milliseconds(1));
  node.settle();
  EXPECT_EQ(sink.out, up_to(end()));
}

TEST_F(UnitPublisher, PublishesWhatOtherNodesStoredWhenItIsToldWhereTheLogEnds) {
  Node other(store, gateway, clock, {.node = "node-2"});
  other.place(1);
  EXPECT_TRUE(sink.out.empty());
  publisher.notice({Position{end()}});
  node.settle();
  EXPECT_EQ(sink.out, up_to(end()));
}

}  // namespace
}  // namespace edda::owner
