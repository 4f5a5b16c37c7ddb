#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "contract/sqlite_under_test.hpp"
#include "contract/store_driver.hpp"
#include "contract/turn_builder.hpp"
#include "sqlite/worker_pool.hpp"

/// What ThreadSanitizer should see: the store as its threads use it, all at once.
namespace edda::test {
namespace {

TEST(ContractSqliteThreads, AppendsReadsListsChecksAndRebuildsAtOnce) {
  constexpr std::uint64_t orders = 60;
  SqliteUnderTest store;
  std::atomic<bool> done{false};
  std::vector<std::jthread> readers;
  const auto until_done = [&](auto work) {
    readers.emplace_back([&done, work] {
      do work();
      while (!done);
    });
  };
  until_done([&] {
    const auto log = await(store.log().read_shard(ShardId{0}, Position{0}, 1000, soon()));
    ASSERT_TRUE(log);
    for (std::size_t i = 0; i < log->size(); ++i)
      ASSERT_EQ((*log)[i].position.value, static_cast<std::int64_t>(i) + 1) << "a gap";
  });
  until_done([&] { ASSERT_TRUE(await(store.views().list_orders({}, {}, soon()))); });
  until_done([&] { ASSERT_TRUE(await(store.views().totals(soon()))); });
  until_done([&] {
    const auto rebuilt = await(store.rebuild().rebuild_views(fold_rows, false, [](std::int64_t) {}, soon()));
    ASSERT_TRUE(rebuilt);
  });
  for (std::uint64_t i = 1; i <= orders; ++i) {
    const OrderIds ids(i);
    ASSERT_TRUE(std::holds_alternative<Appended>(await(store.log().append({place(2 * i, ids)}, soon()))->front()));
    ASSERT_TRUE(std::holds_alternative<Appended>(await(store.log().append({charge(2 * i + 1, ids)}, soon()))->front()));
  }
  done = true;
  readers.clear();
  EXPECT_EQ(await(store.log().last_positions(soon()))->front().value, static_cast<std::int64_t>(6 * orders));
}

TEST(ContractSqliteThreads, AFullQueueRefusesAndAStopAnswersAll) {
  sqlite::WorkerPool pool("edda-test", 1, 2);
  std::latch started(1);
  std::latch go_on(1);
  ASSERT_TRUE(pool.try_post([&] {
    started.count_down();
    go_on.wait();
  }));
  started.wait();
  ASSERT_TRUE(pool.try_post([] {}));
  ASSERT_TRUE(pool.try_post([] {}));
  EXPECT_FALSE(pool.try_post([] {}));
  const auto one = [](std::size_t) { return Result<int>(1); };
  const auto refused = await(pool.run(one, soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  go_on.count_down();

  std::atomic<int> answered{0};
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const auto answer = await(pool.run(one, soon()));
          ASSERT_TRUE(answer || answer.error().code == Errc::overloaded || answer.error().code == Errc::cancelled);
          if (++answered == 300) pool.stop();
        }
      });
    }
  }
  EXPECT_EQ(answered, 800);
}

}  // namespace
}  // namespace edda::test
