// A reservation was under way when the store failed over to a copy that had not seen its order: it was made in the new store, and nobody
// would ever have given it back. Found by the simulation, seed 20261123009035.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "lanes/lane.hpp"
#include "memory/event_store.hpp"
#include "owner/stock_executor.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "system/random.hpp"

namespace edda {
namespace {

using testing_support::ManualClock;
using testing_support::run_task;
using testing_support::some_deadline;

class RegressionStockForALostOrder : public testing::Test {
 protected:
  RegressionStockForALostOrder() {
    executor.connect(lane);
    lanes::TurnRequest create;
    create.product = stock::id_of("A");
    create.command = stock::CreateProduct{"A", "A", UserId{}, true, 5'000};
    EXPECT_TRUE(run(lane.submit(std::move(create), some_deadline())));
  }

  template <class T>
  T run(Task<T> task) {
    return testing_support::run_on(context, std::move(task));
  }
  GatewayAnswer reserve(Uuid generation) {
    StepRequest request;
    request.order = OrderId{make_uuid_v7(ManualClock::start, {1}, 0)};
    request.action = saga::Action::reserve_stock;
    request.key = "s/stock_reservation/forward";
    request.lines = {{"A", 2'000}};
    request.generation = generation;
    return run(executor.perform(std::move(request), some_deadline()));
  }
  std::int64_t held() { return (*run_task(store.product_row(stock::id_of("A"), some_deadline())))->held; }

  boost::asio::io_context context;
  memory::MemoryEventStore store;
  lanes::Epochs epochs{1};
  ManualClock clock;
  system::SystemRandom random;
  lanes::Lane lane{context.get_executor(), store, epochs, clock, random, {}, nullptr};
  owner::StockExecutor executor{store};
};

TEST_F(RegressionStockForALostOrder, NothingIsReservedInAStoreThatMayNotKnowTheOrder) {
  const Uuid before = store.info().generation;
  store.fail_over(ShardId{0}, Position{1}, make_uuid_v7(ManualClock::start, {8}, 0));
  EXPECT_EQ(reserve(before).outcome, saga::Outcome::failed);
  EXPECT_EQ(held(), 0);
}

TEST_F(RegressionStockForALostOrder, OfTheStoreThatTheOrderStandsInItIs) {
  EXPECT_EQ(reserve(store.info().generation).outcome, saga::Outcome::succeeded);
  EXPECT_EQ(held(), 2'000);
}

}  // namespace
}  // namespace edda
