#include "lanes/lane.hpp"
#include "products/tracked_products.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "memory/event_store.hpp"
#include "products/product_watch.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/stepped_clock.hpp"
#include "system/random.hpp"

namespace edda::products {
namespace {

using testing_support::ManualClock;
using testing_support::run_task;
using testing_support::some_deadline;

const UserId seller{make_uuid_v7(ManualClock::start, {2}, 0)};

/// `tracked` is one node's; whatever is created here, is created at another.
class UnitTrackedProducts : public testing::Test {
 protected:
  void tell(const std::string& product, stock::Command command) {
    lanes::TurnRequest request;
    request.product = stock::id_of(product);
    request.command = std::move(command);
    boost::asio::co_spawn(
        context, [&]() -> Task<void> { EXPECT_TRUE(co_await lane.submit(std::move(request), some_deadline())); },
        [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    context.restart();
    context.poll();
  }
  void create(const std::string& product, bool is_tracked = true) {
    tell(product, stock::CreateProduct{product, product, seller, is_tracked, 1'000});
  }
  bool knows(const std::string& product) const {
    return tracked.any_of({order::Item{product, product, order::Quantity::whole(1), Money{1, {}}}});
  }
  void refresh() { EXPECT_TRUE(run_task(tracked.refresh(store, some_deadline()))); }

  boost::asio::io_context context;
  memory::MemoryEventStore store;
  ManualClock clock;
  system::SystemRandom random;
  lanes::Epochs epochs{1};
  std::vector<lanes::CommittedTurn> told;
  lanes::Lane lane{context.get_executor(), store, epochs, clock, random, {.node = "other"}, [this](auto turns) { told = *turns; }};
  TrackedProducts tracked;
};

TEST_F(UnitTrackedProducts, KnowsWhatAnotherNodeCreated) {
  create("P-1");
  EXPECT_TRUE(run_task(tracked.load(store, some_deadline())));
  EXPECT_TRUE(knows("P-1"));
  create("P-2");
  create("P-3", false);
  EXPECT_FALSE(knows("P-2"));
  refresh();
  EXPECT_TRUE(knows("P-2"));
  EXPECT_FALSE(knows("P-3"));
}

TEST_F(UnitTrackedProducts, KnowsWhatAnotherNodeCountsNoMore) {
  create("P-1");
  refresh();
  tell("P-1", stock::ChangeProduct{{}, false});
  refresh();
  EXPECT_FALSE(knows("P-1"));
  EXPECT_EQ(tracked.size(), 0U);
}

TEST_F(UnitTrackedProducts, ReadsTheListOnlyIfSomethingChanged) {
  create("P-1");
  refresh();
  tracked.on_commit(told);
  // Stock that moves changes nothing about what is tracked.
  tell("P-1", stock::AdjustStock{1'000, "found", seller});
  memory::MemoryEventStore empty;
  EXPECT_TRUE(run_task(tracked.refresh(store, some_deadline())));
  EXPECT_TRUE(knows("P-1"));
  EXPECT_TRUE(run_task(tracked.refresh(empty, some_deadline())));
  EXPECT_FALSE(knows("P-1")) << "another store, of another number of changes";
}

TEST_F(UnitTrackedProducts, AreWatchedUntilTheWatchStops) {
  testing_support::SteppedClock stepped;
  ProductWatch watch(context.get_executor(), tracked, store, stepped);
  watch.start();
  context.restart();
  context.poll();
  create("P-1");
  EXPECT_FALSE(knows("P-1"));
  stepped.advance(std::chrono::milliseconds(250));
  context.restart();
  context.poll();
  EXPECT_TRUE(knows("P-1"));
  bool stopped = false;
  boost::asio::co_spawn(context, watch.stop(), [&](std::exception_ptr failed) { stopped = !failed; });
  context.restart();
  context.poll();
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace edda::products
