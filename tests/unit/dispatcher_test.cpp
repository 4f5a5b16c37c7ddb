#include "owner/dispatcher.hpp"

#include <gtest/gtest.h>

#include "lanes/case_loader.hpp"
#include "memory/event_store.hpp"
#include "support/run_task.hpp"
#include "unit/owner_node.hpp"

namespace edda::owner {
namespace {

using namespace owner_testing;
using testing_support::run_task;
using Asked = ScriptedGateway::Kind;

class UnitDispatcher : public testing::Test {
 protected:
  turn::OrderCase stored(std::uint8_t number = 1) {
    return run_task(lanes::load_case(store, order_id(number), Node::far()))->state;
  }
  saga::OpenRequest open(std::uint8_t number = 1) { return stored(number).find_saga(saga_id(number))->open.front(); }
  OrderStatus status(std::uint8_t number = 1) { return stored(number).order.status; }

  /// An event on the order's saga that cannot be read: of a type that no release has, or damaged.
  void append_unreadable_event(std::uint8_t number, std::string_view type) {
    const StreamVersion known = stored(number).find_saga(saga_id(number))->version;
    Turn turn;
    turn.id = TurnId{uuid(9, number)};
    turn.correlation = order_id(number);
    turn.node = "node-9";
    turn.proposed_at = clock.now();
    turn.expected = {{stream_of(saga_id(number)), known}};
    turn.events = {{stream_of(saga_id(number)), {known.value + 1}, type, "{}"}};
    const auto outcome = run_task(append(store, std::move(turn)));
    ASSERT_TRUE(std::holds_alternative<Appended>(outcome->front()));
  }
  static Task<Result<std::vector<TurnOutcome>>> append(EventStore& store, Turn turn) {
    const std::vector<Turn> batch{std::move(turn)};
    co_return co_await store.append(batch, Node::far());
  }

  memory::MemoryEventStore store;
  ScriptedGateway gateway;
  SteppedClock clock;
};

TEST_F(UnitDispatcher, SendsWhatACommitAsksForAndStoresTheAnswer) {
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  ASSERT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(gateway.calls()[0].key, charge_key(1));
  EXPECT_EQ(gateway.calls()[0].amount, (Money{1999, {}}));
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(node.dispatcher.stats().in_flight, 0U);
}

TEST_F(UnitDispatcher, AFailedSendIsRepeatedUnderItsKeyAfterThePauseAndNotBefore) {
  gateway.answer_next(Asked::charge, {saga::Outcome::failed, "", "no route"});
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  ASSERT_TRUE(open().retry_in);
  EXPECT_FALSE(open().in_doubt);
  EXPECT_EQ(node.dispatcher.stats().timers, 1U);

  clock.advance(*open().retry_in - milliseconds(1));
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 1U);
  clock.advance(milliseconds(1));
  node.settle();
  ASSERT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(gateway.calls()[1].key, charge_key(1));
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(node.dispatcher.stats().timers, 0U);
}

TEST_F(UnitDispatcher, NoAnswerIsAskedForAgainUnderTheSameKey) {
  gateway.answer_next(Asked::charge, {saga::Outcome::unknown, "", "no answer"});
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  EXPECT_TRUE(open().in_doubt);
  EXPECT_EQ(status(), OrderStatus::pending);
  clock.advance(*open().retry_in);
  node.settle();
  ASSERT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(gateway.calls()[0].key, gateway.calls()[1].key);
  EXPECT_EQ(status(), OrderStatus::paid);
}

TEST_F(UnitDispatcher, ASendThatNobodyAnswersIsUnknownAfterItsTime) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  clock.advance(std::chrono::seconds(10));
  node.settle();
  EXPECT_TRUE(open().being_sent()) << "its executor has a moment more to say itself that it got no answer";
  clock.advance(std::chrono::seconds(1));
  node.settle();
  ASSERT_TRUE(open().retry_in);
  EXPECT_TRUE(open().in_doubt);
  EXPECT_EQ(node.dispatcher.stats().in_flight, 0U);
  EXPECT_EQ(node.dispatcher.stats().silent, 1U);
  clock.advance(*open().retry_in);
  node.settle();
  EXPECT_EQ(node.dispatcher.stats().in_flight, 1U) << "tried again, whatever became of the first";
  EXPECT_EQ(open().attempt, 2);
}

TEST_F(UnitDispatcher, WhatASilentSendSaysAfterAllIsStored) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  clock.advance(std::chrono::seconds(11));
  node.settle();
  ASSERT_TRUE(open().in_doubt);
  gateway.release();
  node.settle();
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(node.dispatcher.stats().silent, 0U);
}

TEST_F(UnitDispatcher, SilentSendsCountForWhatMayWait) {
  gateway.hold();
  Node node(store, gateway, clock, {.node = "node-1", .backlog_max = 2});
  node.start();
  node.place(1);
  EXPECT_TRUE(node.dispatcher.keeps_up());
  clock.advance(std::chrono::seconds(11));
  node.settle();
  ASSERT_TRUE(open().retry_in);
  clock.advance(*open().retry_in);
  node.settle();
  EXPECT_FALSE(node.dispatcher.keeps_up()) << "one silent, one under way: nothing here grows without a bound";
}

TEST_F(UnitDispatcher, ATakeOverSendsOpenRequestsAgainAndHoldsThemInDoubt) {
  {
    gateway.hold();
    Node crashed(store, gateway, clock);
    crashed.start();
    crashed.place(1);
    ASSERT_EQ(gateway.waiting(), 1U);
    // A dead node's answers are fenced off.
    ASSERT_TRUE(run_task(store.take_over(ShardId{0}, "node-2", {}, Node::far())));
  }
  gateway.release();
  gateway.answer_key(charge_key(1), {saga::Outcome::failed, "", "no route"});
  Node node(store, gateway, clock);
  node.start();
  ASSERT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(gateway.calls()[1].key, charge_key(1));
  EXPECT_TRUE(open().in_doubt) << "the first send was never answered: this failure proves nothing";
  clock.advance(*open().retry_in);
  node.settle();
  EXPECT_EQ(status(), OrderStatus::paid);
}

TEST_F(UnitDispatcher, ATakeOverWaitsOutWhatIsLeftOfAPause) {
  gateway.answer_next(Asked::charge, {saga::Outcome::failed, "", "no route"});
  {
    Node crashed(store, gateway, clock);
    crashed.start();
    crashed.place(1);
  }
  const auto pause = *open().retry_in;
  clock.advance(pause / 2);
  Node node(store, gateway, clock);
  node.start();
  clock.advance(pause / 2 - milliseconds(1));
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 1U);
  clock.advance(milliseconds(2));
  node.settle();
  EXPECT_EQ(status(), OrderStatus::paid);
}

TEST_F(UnitDispatcher, TheAnswerOfAFencedOwnerIsDropped) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  ASSERT_TRUE(run_task(store.take_over(ShardId{0}, "node-2", {}, Node::far())));
  gateway.release();
  node.settle();
  EXPECT_EQ(status(), OrderStatus::pending);
  EXPECT_EQ(node.lane.stats().fenced, 1U);
  EXPECT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(node.dispatcher.stats().in_flight, 0U);
}

TEST_F(UnitDispatcher, AnAnswerThatCouldNotBeStoredIsBroughtAgain) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  store.fail_next_append(memory::AppendFault::unavailable);
  gateway.release();
  node.settle();
  EXPECT_EQ(status(), OrderStatus::pending);
  clock.advance(milliseconds(100));
  node.settle();
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(gateway.calls().size(), 1U) << "the gateway is not asked twice for an answer that is at hand";
}

TEST_F(UnitDispatcher, SendsAreBoundedAndTheRestWaits) {
  gateway.hold();
  Node node(store, gateway, clock, {.node = "node-1", .in_flight_max = 2, .backlog_max = 5});
  node.start();
  for (std::uint8_t i = 1; i <= 4; ++i) node.place(i);
  EXPECT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(node.dispatcher.stats().waiting, 2U);
  EXPECT_TRUE(node.dispatcher.keeps_up());
  node.place(5);
  EXPECT_FALSE(node.dispatcher.keeps_up());
  gateway.release();
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 5U);
  EXPECT_TRUE(node.dispatcher.keeps_up());
  for (std::uint8_t i = 1; i <= 5; ++i) EXPECT_EQ(status(i), OrderStatus::paid) << int{i};
}

TEST_F(UnitDispatcher, WhatWasStoppedGoesOnAtTheNextStart) {
  gateway.hold();
  {
    Node stopped(store, gateway, clock, {.node = "node-1", .in_flight_max = 1});
    stopped.start();
    stopped.place(1);
    stopped.place(2);
  }
  gateway.release();
  Node node(store, gateway, clock);
  node.start();
  for (int i = 0; i < 20 && (status(1) != OrderStatus::paid || status(2) != OrderStatus::paid); ++i) {
    clock.advance(std::chrono::seconds(1));
    node.settle();
  }
  EXPECT_EQ(status(1), OrderStatus::paid);
  EXPECT_EQ(status(2), OrderStatus::paid);
  for (const auto& call : gateway.calls()) EXPECT_TRUE(call.key == charge_key(1) || call.key == charge_key(2));
}

// Other nodes.

TEST_F(UnitDispatcher, ReadsWhatAnotherNodeStoredOnceTwoLooksHaveSeenIt) {
  Node owner(store, gateway, clock, {.node = "node-1", .poll = milliseconds(100)});
  Node other(store, gateway, clock, {.node = "node-2"});
  owner.start();
  ASSERT_TRUE(other.place(1));
  EXPECT_EQ(gateway.calls().size(), 0U);
  clock.advance(milliseconds(100));
  owner.settle();
  EXPECT_EQ(gateway.calls().size(), 0U) << "it may be a commit of its own that is about to be announced";
  clock.advance(milliseconds(100));
  owner.settle();
  ASSERT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(owner.dispatcher.stats().gap_events, 4U);
}

TEST_F(UnitDispatcher, AGapBeforeItsOwnCommitIsReadAtOnce) {
  Node owner(store, gateway, clock);
  Node other(store, gateway, clock, {.node = "node-2"});
  owner.start();
  ASSERT_TRUE(other.place(1));
  ASSERT_TRUE(owner.place(2));
  EXPECT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(status(1), OrderStatus::paid);
  EXPECT_EQ(status(2), OrderStatus::paid);
}

TEST_F(UnitDispatcher, ANoticeFromAnotherNodeIsFollowedAtOnce) {
  Node owner(store, gateway, clock);
  Node other(store, gateway, clock, {.node = "node-2"});
  owner.start();
  ASSERT_TRUE(other.place(1));
  owner.dispatcher.notice(ShardId{0}, Position{4});
  owner.settle();
  EXPECT_EQ(status(1), OrderStatus::paid);
}

TEST_F(UnitDispatcher, OneOrderThatCannotBeReadDoesNotKeepTheOthersFromGoingOn) {
  gateway.hold();
  {
    Node crashed(store, gateway, clock);
    crashed.start();
    crashed.place(1);
    crashed.place(2);
  }
  gateway.release();
  append_unreadable_event(1, "SagaCancelRequested");
  Node node(store, gateway, clock);
  std::vector<ShardLoss> losses;
  node.dispatcher.on_lost([&](ShardId, Epoch, ShardLoss why) { losses.push_back(why); });
  node.start();
  for (int i = 0; i < 20; ++i) {
    clock.advance(std::chrono::seconds(1));
    node.settle();
  }
  EXPECT_EQ(status(2), OrderStatus::paid);
  EXPECT_TRUE(node.dispatcher.ready());
  EXPECT_EQ(node.dispatcher.stats().unreadable, 1U);
  EXPECT_EQ(losses, std::vector{ShardLoss::unreadable});
  EXPECT_TRUE(node.place(3));
  EXPECT_EQ(status(3), OrderStatus::paid);
}

TEST_F(UnitDispatcher, GivesAShardUpIntoWhichANewerReleaseWrote) {
  {
    gateway.hold();
    Node crashed(store, gateway, clock);
    crashed.start();
    crashed.place(1);
    crashed.place(2);
  }
  gateway.release();
  append_unreadable_event(1, "SagaTeleported");
  Node node(store, gateway, clock);
  std::vector<ShardLoss> losses;
  node.dispatcher.on_lost([&](ShardId, Epoch, ShardLoss why) { losses.push_back(why); });
  node.start();
  EXPECT_EQ(losses, std::vector{ShardLoss::newer_release});
  EXPECT_FALSE(node.dispatcher.owns(ShardId{0}));
  EXPECT_EQ(node.dispatcher.stats().closed, 1U);
  const auto refused = node.place(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
}

TEST_F(UnitDispatcher, GivesAShardUpWhereALaneMetWhatANewerReleaseWrote) {
  Node node(store, gateway, clock, {.node = "node-1", .poll = milliseconds(100)});
  std::vector<ShardLoss> losses;
  node.dispatcher.on_lost([&](ShardId, Epoch, ShardLoss why) { losses.push_back(why); });
  node.start();
  node.epochs.close(ShardId{0});
  clock.advance(milliseconds(100));
  node.settle();
  EXPECT_EQ(losses, std::vector{ShardLoss::newer_release});
}

TEST_F(UnitDispatcher, AShardIsBegunAnewAfterAFailOverThatLostTheLogsEnd) {
  Node node(store, gateway, clock, {.node = "node-1", .poll = milliseconds(100)});
  std::vector<ShardLoss> losses;
  node.dispatcher.on_lost([&](ShardId, Epoch, ShardLoss why) { losses.push_back(why); });
  node.start();
  node.place(1);
  clock.advance(milliseconds(100));
  node.settle();
  const Position end = run_task(store.last_positions(Node::far()))->front();
  store.fail_over(ShardId{0}, Position{0}, uuid(8, 1));
  {
    // Another node has written as much again, before anybody looked.
    Node other(store, gateway, clock, {.node = "node-2"});
    other.start();
    other.place(2);
  }
  ASSERT_EQ(run_task(store.last_positions(Node::far()))->front(), end);
  clock.advance(milliseconds(100));
  node.settle();
  EXPECT_EQ(losses, std::vector{ShardLoss::log_cut});
  EXPECT_FALSE(node.dispatcher.owns(ShardId{0})) << "its keeper takes it anew";
}

// What is being done already.

TEST_F(UnitDispatcher, TheSameCommitToldTwiceIsSentOnce) {
  gateway.hold();
  Node node(store, gateway, clock);
  std::vector<std::shared_ptr<const std::vector<lanes::CommittedTurn>>> told;
  node.overhear = [&](auto turns) { told.push_back(turns); };
  node.start();
  node.place(1);
  ASSERT_EQ(told.size(), 1U);
  node.dispatcher.on_commit(told[0]);
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 1U);
}

TEST_F(UnitDispatcher, AnAnswerThatCameAnotherWayEndsTheStepAndTheSendsOwnAnswerChangesNothing) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  node.deliver(order_id(1), {saga_id(1), "payment_processing", saga::Direction::forward, 1, saga::Outcome::succeeded, "", "ref-7", false});
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(stored().payment.external_transaction_id, "ref-7");
  const auto version = stored().find_saga(saga_id(1))->version;
  gateway.release();
  node.settle();
  EXPECT_EQ(stored().find_saga(saga_id(1))->version, version);
  EXPECT_EQ(node.dispatcher.stats().live, 0U);
}

TEST_F(UnitDispatcher, ADeliveredAnswerIsStoredAlsoByANodeThatLostTheShard) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  ASSERT_TRUE(run_task(store.take_over(ShardId{0}, "node-2", {}, Node::far())));
  node.deliver(order_id(1), {saga_id(1), "payment_processing", saga::Direction::forward, 1, saga::Outcome::succeeded, "", "ref-7", false});
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_FALSE(node.dispatcher.owns(ShardId{0}));
  EXPECT_EQ(node.dispatcher.stats().fenced, 1U);
}

TEST_F(UnitDispatcher, WhatWaitsForAFreePlaceIsNotSentOnceItsShardIsGone) {
  gateway.hold();
  Node node(store, gateway, clock, {.node = "node-1", .in_flight_max = 1});
  node.start();
  node.place(1);
  node.place(2);
  node.dispatcher.drop(ShardId{0});
  gateway.release();
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(status(1), OrderStatus::pending) << "whoever owns the shard now asks again and brings the answer";
}

TEST_F(UnitDispatcher, AShardTakenAgainIsBegunAnewUnderItsNewEpoch) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  const auto taken = run_task(store.take_over(ShardId{0}, "node-1", {}, Node::far()));
  node.dispatcher.take(ShardId{0}, *taken);
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 2U);
  gateway.release();
  node.settle();
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_TRUE(node.dispatcher.owns(ShardId{0})) << "the first send's answer was dropped, not the shard";
  EXPECT_EQ(node.dispatcher.stats().fenced, 0U);
}

TEST_F(UnitDispatcher, CountsTheParkedAndForgetsThemWhenTheyEnd) {
  for (int i = 0; i < 20; ++i) gateway.answer_next(Asked::charge, {saga::Outcome::unknown, "", "no answer"});
  for (int i = 0; i < 20; ++i) gateway.answer_next(Asked::void_charge, {saga::Outcome::unknown, "", "no answer"});
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  for (int i = 0; i < 30; ++i) {
    clock.advance(std::chrono::seconds(16));
    node.settle();
  }
  EXPECT_EQ(node.dispatcher.stats().parked(), 1U);
  EXPECT_EQ(node.dispatcher.stats().live, 1U);
  EXPECT_EQ(node.dispatcher.stats().timers, 0U);
  node.deliver(order_id(1), {saga_id(1), "payment_processing", saga::Direction::forward, 1, saga::Outcome::succeeded, "", "late", false});
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(node.dispatcher.stats().parked(), 0U);
  EXPECT_EQ(node.dispatcher.stats().live, 0U);
}

TEST_F(UnitDispatcher, CountsSagasByStatusAndTellsTheOldestStep) {
  const auto now_in = [](const Node& node, SagaStatus status) { return node.dispatcher.stats().by_status[static_cast<std::size_t>(status)]; };
  const auto ended = [](const Node& node, SagaStatus status) { return node.dispatcher.stats().ended[static_cast<std::size_t>(status)]; };
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  EXPECT_EQ(node.dispatcher.oldest_step(), std::nullopt);
  const Timestamp first = clock.now();
  node.place(1);
  clock.advance(std::chrono::seconds(1));
  node.place(2);
  EXPECT_EQ(now_in(node, SagaStatus::started), 2U);
  EXPECT_EQ(node.dispatcher.oldest_step(), first);
  clock.advance(std::chrono::seconds(11));
  node.settle();
  ASSERT_TRUE(open().retry_in);
  EXPECT_EQ(node.dispatcher.oldest_step(), first) << "a pause between two attempts is part of its time";
  ASSERT_TRUE(node.operate(2, saga::OperatorAction::pause));
  EXPECT_EQ(now_in(node, SagaStatus::paused), 1U);

  gateway.release();
  node.settle();
  EXPECT_EQ(ended(node, SagaStatus::completed), 1U);
  EXPECT_EQ(now_in(node, SagaStatus::started), 0U);
  node.dispatcher.drop(ShardId{0});
  EXPECT_EQ(now_in(node, SagaStatus::paused), 0U) << "of its own shards only";
  EXPECT_TRUE(node.dispatcher.held().empty());
  EXPECT_EQ(node.dispatcher.oldest_step(), std::nullopt);
}

TEST_F(UnitDispatcher, MeasuresHowLongAnswersAndSagasTake) {
  metrics::Registry registry;
  auto& seconds = registry.histograms("step_seconds", "x", {"step", "direction"}, metrics::request_seconds);
  gateway.hold();
  auto& sagas = registry.histograms("saga_seconds", "x", {"state"}, metrics::request_seconds);
  Node node(store, gateway, clock, {.node = "node-1", .step_seconds = &seconds, .saga_seconds = &sagas});
  node.start();
  node.place(1);
  clock.advance(std::chrono::seconds(2));
  gateway.release();
  node.settle();
  const auto taken = seconds.with({"payment_processing", "forward"}).read();
  EXPECT_EQ(taken.cumulative.back(), 1U);
  EXPECT_DOUBLE_EQ(taken.sum, 2.0);
  EXPECT_EQ(sagas.with({"completed"}).read().cumulative.back(), 1U);
  EXPECT_DOUBLE_EQ(sagas.with({"completed"}).read().sum, 2.0);
  const auto text = registry.write(metrics::TextFormat::openmetrics);
  std::string trace = to_string(order_id(1));
  std::erase(trace, '-');
  EXPECT_NE(text.find("# {trace_id=\"" + trace + "\"} 2\n"), std::string::npos) << text;
}

// A saga's own time, and people.

TEST_F(UnitDispatcher, AWaitEndsAtItsDeadline) {
  Node node(store, gateway, clock);
  node.start();
  ASSERT_TRUE(node.place(1, {"order_approval"}));
  clock.advance(std::chrono::hours(24));
  node.settle();
  EXPECT_EQ(status(), OrderStatus::pending);
  clock.advance(milliseconds(1));
  node.settle();
  EXPECT_EQ(status(), OrderStatus::cancelled);
  EXPECT_EQ(gateway.calls().size(), 0U);
  EXPECT_EQ(node.dispatcher.stats().live, 0U);
}

TEST_F(UnitDispatcher, ADeadlineOutlivesItsOwner) {
  {
    Node crashed(store, gateway, clock);
    crashed.start();
    ASSERT_TRUE(crashed.place(1, {"order_approval"}));
  }
  clock.advance(std::chrono::hours(25));
  Node node(store, gateway, clock);
  node.start();
  clock.advance(milliseconds(1));
  node.settle();
  EXPECT_EQ(status(), OrderStatus::cancelled);
}

TEST_F(UnitDispatcher, ADeadlineThatTheStoresTimeHasNotReachedIsToldAgain) {
  clock.wall_off = std::chrono::seconds(-5);  // since the order was placed this node's clock was set back
  Node node(store, gateway, clock);
  node.start();
  clock.wall_off = milliseconds(0);
  ASSERT_TRUE(node.place(1, {"order_approval"}));
  clock.wall_off = std::chrono::seconds(-5);
  clock.advance(std::chrono::hours(24) + milliseconds(1));
  node.settle();
  EXPECT_EQ(status(), OrderStatus::pending);
  for (int i = 0; i < 6; ++i) {
    clock.advance(std::chrono::seconds(1));
    node.settle();
  }
  EXPECT_EQ(status(), OrderStatus::cancelled);
}

TEST_F(UnitDispatcher, WhatIsUnderWayWhenASagaIsPausedIsNotSentAgainWhenItIsResumed) {
  gateway.hold();
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  ASSERT_TRUE(node.operate(1, saga::OperatorAction::pause));
  ASSERT_TRUE(node.operate(1, saga::OperatorAction::resume));
  EXPECT_EQ(gateway.calls().size(), 1U);
  gateway.release();
  node.settle();
  EXPECT_EQ(status(), OrderStatus::paid);
  EXPECT_EQ(gateway.calls().size(), 1U);
}

TEST_F(UnitDispatcher, APauseBetweenTwoTriesStandsStillWhileTheSagaIsPaused) {
  gateway.answer_next(Asked::charge, {saga::Outcome::failed, "", "no route"});
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  ASSERT_TRUE(node.operate(1, saga::OperatorAction::pause));
  EXPECT_EQ(node.dispatcher.stats().timers, 0U);
  clock.advance(std::chrono::minutes(10));
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 1U);
  ASSERT_TRUE(node.operate(1, saga::OperatorAction::resume));
  clock.advance(milliseconds(1));
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(status(), OrderStatus::paid);
}

TEST_F(UnitDispatcher, AnOperatorsRetryOfAParkedSagaIsSent) {
  for (int i = 0; i < 20; ++i) gateway.answer_next(Asked::charge, {saga::Outcome::unknown, "", "no answer"});
  for (int i = 0; i < 5; ++i) gateway.answer_next(Asked::void_charge, {saga::Outcome::unknown, "", "no answer"});
  Node node(store, gateway, clock);
  node.start();
  node.place(1);
  for (int i = 0; i < 30 && node.dispatcher.stats().parked() == 0; ++i) {
    clock.advance(std::chrono::seconds(16));
    node.settle();
  }
  ASSERT_EQ(node.dispatcher.stats().parked(), 1U);
  ASSERT_TRUE(node.operate(1, saga::OperatorAction::retry));
  EXPECT_EQ(node.dispatcher.stats().parked(), 0U);
  EXPECT_EQ(status(), OrderStatus::cancelled) << "the void went through";
}

// The breaker.

TEST_F(UnitDispatcher, AnOpenBreakerMakesSendsWaitAndUsesUpNoAttempt) {
  for (int i = 0; i < 3; ++i) gateway.answer_next(Asked::charge, {saga::Outcome::failed, "", "no route"});
  Node node(store, gateway, clock, {.node = "node-1", .breaker = {.failures = 2, .pause = milliseconds(60'000), .pause_max = milliseconds(600'000)}});
  node.start();
  node.place(1);
  node.place(2);
  EXPECT_EQ(node.dispatcher.stats().breaker, CircuitBreaker::State::open);
  node.place(3);
  clock.advance(milliseconds(30'000));
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 2U);
  EXPECT_EQ(node.dispatcher.stats().waiting, 3U);
  EXPECT_EQ(open(3).attempt, 1);
  EXPECT_FALSE(open(3).retry_in);

  clock.advance(milliseconds(30'000));  // one probe, which fails: another minute, twice as long
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 3U);
  clock.advance(milliseconds(60'000));
  node.settle();
  EXPECT_EQ(gateway.calls().size(), 3U);
  clock.advance(milliseconds(60'000));
  node.settle();
  for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_EQ(status(i), OrderStatus::paid) << int{i};
  EXPECT_EQ(node.dispatcher.stats().breaker, CircuitBreaker::State::closed);
  EXPECT_EQ(node.dispatcher.stats().breaker_opened, 1U);
}

}  // namespace
}  // namespace edda::owner
