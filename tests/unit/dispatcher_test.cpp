#include "owner/dispatcher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lanes/case_loader.hpp"
#include "memory/event_store.hpp"
#include "memory/scripted_gateway.hpp"
#include "owner/gateway_executor.hpp"
#include "support/quiet_log.hpp"
#include "support/run_task.hpp"
#include "system/random.hpp"

namespace edda::owner {
namespace {

namespace asio = boost::asio;
using memory::ScriptedGateway;
using testing_support::run_task;
using Kind = ScriptedGateway::Kind;

/// Whoever sleeps on it is woken when it was moved far enough.
class SteppedClock final : public Clock {
 public:
  Timestamp now() override { return start + elapsed_; }
  SteadyTime steady_now() override { return SteadyTime(std::chrono::hours(1)) + elapsed_; }
  Task<void> sleep_until(SteadyTime at) override {
    if (at <= steady_now()) co_return;
    auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, SteadyTime::max());
    sleepers_.push_back({at, timer});
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  void advance(microseconds by) {
    elapsed_ += by;
    std::erase_if(sleepers_, [this](const Sleeper& sleeper) {
      if (sleeper.due > steady_now()) return false;
      if (const auto timer = sleeper.timer.lock()) timer->cancel();
      return true;
    });
  }

  static constexpr Timestamp start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

 private:
  struct Sleeper {
    SteadyTime due;
    std::weak_ptr<asio::steady_timer> timer;  ///< its sleeper's: a node that has ended took it along
  };
  microseconds elapsed_{0};
  std::vector<Sleeper> sleepers_;
};

Uuid uuid(std::uint8_t kind, std::uint8_t number) { return make_uuid_v7(SteppedClock::start, {kind, number}, 0); }
OrderId order_id(std::uint8_t number) { return OrderId{uuid(1, number)}; }
SagaId saga_id(std::uint8_t number) { return SagaId{uuid(3, number)}; }
std::string charge_key(std::uint8_t number) { return to_string(saga_id(number)) + "/payment_processing/forward"; }

/// One run of the owner over a store that outlives it, all on one thread.
struct Node {
  Node(memory::MemoryEventStore& the_store, ScriptedGateway& gateway, SteppedClock& clock,
       DispatcherSettings settings = {.node = "node-1"})
      : store(the_store),
        steps(gateway),
        dispatcher(context.get_executor(), store, steps, epochs, clock, random, log, std::move(settings)),
        lane(context.get_executor(), store, epochs, clock, random, {.node = "node-1"},
             [this](auto turns) { dispatcher.on_commit(std::move(turns)); }) {
    dispatcher.connect(lane);
  }
  ~Node() {
    spawn(dispatcher.stop());
    spawn(lane.stop());
  }

  /// Runs until nothing can happen without a clock or a gateway that moves.
  void settle() {
    context.restart();
    context.poll();
  }
  void spawn(Task<void> task) {
    bool done = false;
    asio::co_spawn(context, std::move(task), [&done](std::exception_ptr failed) { done = !failed; });
    settle();
    EXPECT_TRUE(done) << "did not end by itself";
  }
  void start() {
    spawn([](Dispatcher& d) -> Task<void> { EXPECT_TRUE(co_await d.start(far())); }(dispatcher));
  }
  void submit(lanes::TurnRequest request) {
    spawn([](lanes::Lane& l, lanes::TurnRequest r) -> Task<void> {
      EXPECT_TRUE(co_await l.submit(std::move(r), far()));
    }(lane, std::move(request)));
  }
  void place(std::uint8_t number) {
    const order::Item item{"P-1", "Keyboard", order::Quantity::whole(1), Money{1999, {}}};
    lanes::TurnRequest request;
    request.order = order_id(number);
    request.command = turn::PlaceOrder{{order_id(number), UserId{uuid(4, 1)}, {item}, Money{1999, {}}, "Seoul",
                                       PaymentId{uuid(2, number)}, saga_id(number)}};
    request.fresh_saga = saga_id(number);
    submit(std::move(request));
  }
  static Deadline far() { return {SteadyTime::max()}; }

  memory::MemoryEventStore& store;
  asio::io_context context;
  system::SystemRandom random;
  testing_support::QuietLog log;
  lanes::Epochs epochs{1};
  GatewayExecutor steps;
  Dispatcher dispatcher;
  lanes::Lane lane;
};

class UnitDispatcher : public testing::Test {
 protected:
  turn::OrderCase stored(std::uint8_t number = 1) {
    return run_task(lanes::load_case(store, order_id(number), Node::far()))->state;
  }
  saga::OpenRequest open(std::uint8_t number = 1) { return stored(number).find_saga(saga_id(number))->open.front(); }
  OrderStatus status(std::uint8_t number = 1) { return stored(number).order.status; }

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
  gateway.answer_next(Kind::charge, {saga::Outcome::failed, "", "no route"});
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
  gateway.answer_next(Kind::charge, {saga::Outcome::unknown, "", "no answer"});
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
  gateway.answer_next(Kind::charge, {saga::Outcome::failed, "", "no route"});
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

}  // namespace
}  // namespace edda::owner
