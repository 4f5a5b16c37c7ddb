#include "lanes/lane.hpp"
#include "products/product_service.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "memory/event_store.hpp"
#include "support/forwarding_store.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "system/random.hpp"

namespace edda::products {
namespace {

using testing_support::ManualClock;
using testing_support::some_deadline;

const UserId shop{make_uuid_v7(ManualClock::start, {2}, 0)};

class Unreadable final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    if (fails) co_return fail(Errc::unavailable, "the store is away");
    co_return co_await ForwardingStore::read_stream(stream, after, limit, deadline);
  }
  bool fails = false;
};

class UnitProductService : public testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return testing_support::run_on(context, std::move(task));
  }
  Result<Answer> create() {
    return run(service.create({"P-1", "Lamp", shop, true, 5'000}, orders::ClientKey{"shop", "/v1/products", "key-1", 7}, some_deadline()));
  }
  Result<Adjustment> adjust() {
    return run(service.adjust("P-1", {1'000, "found", shop}, orders::ClientKey{"shop", "/v1/stock", "key-2", 7}, some_deadline()));
  }

  boost::asio::io_context context;
  memory::MemoryEventStore stored;
  Unreadable store{stored};
  ManualClock clock;
  system::SystemRandom random;
  lanes::Epochs epochs{1};
  lanes::Lane lane{context.get_executor(), stored, epochs, clock, random, {.node = "n"}, nullptr};
  ProductService service{lane, store};
};

TEST_F(UnitProductService, AReplayTellsWhatWasStoredThen) {
  const auto created = create();
  ASSERT_TRUE(created);
  ASSERT_TRUE(adjust());
  const auto replayed = create();
  ASSERT_TRUE(replayed);
  EXPECT_TRUE(replayed->replayed);
  EXPECT_EQ(replayed->product, created->product);
  const auto again = adjust();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->adjusted.quantity, 1'000);
  EXPECT_EQ(again->version, StreamVersion{3});
}

TEST_F(UnitProductService, AReplayThatCannotBeReadIsNotSaidToBeUndone) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(adjust());
  store.fails = true;
  EXPECT_EQ(create().error().code, Errc::outcome_unknown);
  EXPECT_EQ(adjust().error().code, Errc::outcome_unknown);
}

}  // namespace
}  // namespace edda::products
