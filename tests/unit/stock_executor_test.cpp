#include "lanes/lane.hpp"
#include "owner/stock_executor.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "memory/event_store.hpp"
#include "owner/step_router.hpp"
#include "support/forwarding_store.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "system/random.hpp"

namespace edda::owner {
namespace {

using memory::AppendFault;
using saga::Direction;
using saga::Outcome;
using testing_support::ManualClock;
using testing_support::run_task;
using testing_support::some_deadline;

const OrderId order{make_uuid_v7(ManualClock::start, {1}, 0)};
const UserId shop{make_uuid_v7(ManualClock::start, {2}, 0)};

class UnitStockExecutor : public testing::Test {
 protected:
  UnitStockExecutor() { executor.connect(lane); }

  template <class T>
  T run(Task<T> task) {
    return testing_support::run_on(context, std::move(task));
  }
  void tell(const std::string& product, stock::Command command) {
    lanes::TurnRequest request;
    request.product = stock::id_of(product);
    request.command = std::move(command);
    EXPECT_TRUE(run(lane.submit(std::move(request), some_deadline())));
  }
  void create(const std::string& product, std::int64_t pieces, bool tracked = true) {
    tell(product, stock::CreateProduct{product, product, shop, tracked, pieces * 1000});
  }
  stock::State state(const std::string& product) {
    const auto row = run_task(store.product_row(stock::id_of(product), some_deadline()));
    return *row ? stock::state_of(**row) : stock::State{};
  }
  std::size_t events() { return run_task(store.read_shard(ShardId{0}, Position{0}, 1000, some_deadline()))->size(); }

  StepRequest request(Direction direction, std::vector<StockLine> lines) {
    StepRequest step;
    step.order = order;
    step.direction = direction;
    step.action = direction == Direction::compensate ? saga::Action::release_stock : saga::Action::reserve_stock;
    step.key = direction == Direction::forward ? "s/stock_reservation/forward" : "s/stock_reservation/back";
    step.forward_key = "s/stock_reservation/forward";
    step.lines = std::move(lines);
    return step;
  }
  GatewayAnswer perform(Direction direction, std::vector<StockLine> lines) {
    return run(executor.perform(request(direction, std::move(lines)), some_deadline()));
  }

  const std::vector<StockLine> two{{"A", 2'000}, {"B", 3'000}};
  boost::asio::io_context context;
  memory::MemoryEventStore store;
  lanes::Epochs epochs{1};
  ManualClock clock;
  system::SystemRandom random;
  lanes::Lane lane{context.get_executor(), store, epochs, clock, random, {}, nullptr};
  StockExecutor executor{store};
};

TEST_F(UnitStockExecutor, ReservesEveryLine) {
  create("A", 5);
  create("B", 5);
  EXPECT_EQ(perform(Direction::forward, two).outcome, Outcome::succeeded);
  EXPECT_EQ(state("A").held, 2'000);
  EXPECT_EQ(state("B").held, 3'000);
}

TEST_F(UnitStockExecutor, ARepetitionReservesNothingMoreAndAnswersTheSame) {
  create("A", 5);
  create("B", 5);
  static_cast<void>(perform(Direction::forward, two));
  const std::size_t before = events();
  EXPECT_EQ(perform(Direction::forward, two).outcome, Outcome::succeeded);
  EXPECT_EQ(events(), before);
}

TEST_F(UnitStockExecutor, OneLineThatCannotBeHadGivesTheOthersBack) {
  create("A", 5);
  create("B", 2);
  for (int i = 0; i < 2; ++i) {
    const auto answer = perform(Direction::forward, two);
    EXPECT_EQ(answer.outcome, Outcome::declined);
    EXPECT_EQ(state("A").held, 0);
    if (i > 0) continue;
    EXPECT_EQ(answer.reason, "Not enough stock of B: 3 wanted, 2 available");
    tell("B", stock::AdjustStock{10'000, "", shop});  // what comes in meanwhile does not change an answer that was given
  }
}

TEST_F(UnitStockExecutor, AVoidEndsAReservationOfWhichOnlyAPartWasMade) {
  create("A", 5);
  create("B", 5);
  static_cast<void>(perform(Direction::forward, {{"A", 2'000}}));  // its node died before B
  EXPECT_EQ(perform(Direction::void_request, two).outcome, Outcome::succeeded);
  EXPECT_EQ(state("A").held, 0);
  // The node was not dead but slow: it goes on with B, and then gives back what it thinks it holds.
  const auto late = perform(Direction::forward, two);
  EXPECT_EQ(late.outcome, Outcome::declined);
  EXPECT_EQ(state("A").available, 5'000);
  EXPECT_EQ(state("B").available, 5'000);
}

TEST_F(UnitStockExecutor, WhoeverReleasesGivesBackOnce) {
  create("A", 5);
  create("B", 5);
  static_cast<void>(perform(Direction::forward, two));
  tell("A", stock::Reserve{"another order's", order, 3'000});
  auto cancellation = request(Direction::forward, two);  // another saga's step, of the same reservation
  cancellation.action = saga::Action::release_stock;
  cancellation.key = "other/stock_release/forward";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(perform(Direction::compensate, two).outcome, Outcome::succeeded);
    EXPECT_EQ(run(executor.perform(cancellation, some_deadline())).outcome, Outcome::succeeded);
    EXPECT_EQ(perform(Direction::void_request, two).outcome, Outcome::succeeded);
  }
  EXPECT_EQ(state("A").held, 3'000) << "the other order's";
  EXPECT_EQ(state("B").available, 5'000);
}

TEST_F(UnitStockExecutor, HasNothingToReserveOfWhatIsNotTrackedOrNotKnown) {
  create("A", 0, false);
  EXPECT_EQ(perform(Direction::forward, two).outcome, Outcome::succeeded);
  EXPECT_EQ(perform(Direction::compensate, two).outcome, Outcome::succeeded);
  EXPECT_EQ(state("A").available, 0);
}

TEST_F(UnitStockExecutor, SaysFailedOnlyWhereNothingWasStored) {
  create("A", 5);
  create("B", 5);
  store.fail_next_append(AppendFault::unavailable);
  EXPECT_EQ(perform(Direction::forward, two).outcome, Outcome::failed);
  static_cast<void>(perform(Direction::forward, {{"A", 2'000}}));
  tell("B", stock::AdjustStock{1'000, "", shop});
  store.fail_next_append(AppendFault::unavailable);
  EXPECT_EQ(perform(Direction::compensate, two).outcome, Outcome::unknown);
  EXPECT_EQ(perform(Direction::compensate, two).outcome, Outcome::succeeded);
  EXPECT_EQ(state("A").held, 0);
}

class Unreadable final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId, StreamVersion, std::size_t, Deadline) override {
    co_return fail(Errc::unavailable, "the store is away");
  }
};

TEST_F(UnitStockExecutor, IsUnknownWhereWhatWasReservedBeforeCannotBeRead) {
  create("A", 5);
  ASSERT_EQ(perform(Direction::forward, {{"A", 2'000}}).outcome, Outcome::succeeded);
  Unreadable unreadable(store);
  StockExecutor other(unreadable);
  other.connect(lane);
  EXPECT_EQ(run(other.perform(request(Direction::forward, {{"A", 2'000}}), some_deadline())).outcome, Outcome::unknown);
}

TEST_F(UnitStockExecutor, IsUnknownOnceALineIsHeld) {
  create("A", 5);
  create("B", 5);
  std::optional<GatewayAnswer> answer;
  boost::asio::co_spawn(
      context, [&]() -> Task<void> { answer = co_await executor.perform(request(Direction::forward, two), some_deadline()); },
      [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  context.restart();
  const std::size_t before = events();
  while (events() == before) context.run_one();
  store.fail_next_append(AppendFault::unavailable);
  context.run();
  EXPECT_EQ(answer->outcome, Outcome::unknown);
  EXPECT_EQ(state("A").held, 2'000);
  EXPECT_EQ(state("B").held, 0);
}

TEST_F(UnitStockExecutor, IsNotAskedForWhatIsNoStockStep) {
  auto charge = request(Direction::forward, {});
  charge.action = saga::Action::charge_payment;
  EXPECT_EQ(run(executor.perform(charge, some_deadline())).outcome, Outcome::failed);
}

class Named final : public StepExecutor {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  Task<GatewayAnswer> perform(StepRequest, Deadline) override { co_return GatewayAnswer{Outcome::succeeded, name_, {}}; }

 private:
  std::string name_;
};

TEST(UnitStepRouter, SendsStockStepsToTheStockAndTheRestToTheGateway) {
  Named gateway("gateway");
  Named stock("stock");
  StepRouter router(gateway, stock);
  const auto goes_to = [&](saga::Action action) {
    StepRequest request;
    request.action = action;
    return run_task(router.perform(request, some_deadline())).reference;
  };
  EXPECT_EQ(goes_to(saga::Action::charge_payment), "gateway");
  EXPECT_EQ(goes_to(saga::Action::refund_payment), "gateway");
  EXPECT_EQ(goes_to(saga::Action::reserve_stock), "stock");
  EXPECT_EQ(goes_to(saga::Action::release_stock), "stock");
}

}  // namespace
}  // namespace edda::owner
