#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sqlite/sole_owner.hpp"
#include "sqlite/store.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "unit/temporary_folder.hpp"

namespace edda {
namespace {

using testing_support::run_task;

class ContractSoleOwner : public testing::Test {
 protected:
  ClusterView look(const std::string& node) {
    return run_task(owner.beat({node}, std::chrono::seconds(1), testing_support::some_deadline())).value();
  }

  test::TemporaryFolder folder;
  testing_support::ManualClock clock;
  std::unique_ptr<sqlite::Database> database = sqlite::Database::open({.folder = folder.path()}).value();
  std::unique_ptr<sqlite::SqliteStore> store =
      sqlite::SqliteStore::open(*database, {.shards = 2, .generation = {}}).value();
  sqlite::SoleOwner owner{*database, clock};
};

TEST_F(ContractSoleOwner, EveryShardIsTheAskingNodesUnderTheEpochOfTheFile) {
  const auto deadline = testing_support::some_deadline();
  const auto taken = run_task(store->take_over(ShardId{1}, "an earlier life", {}, deadline)).value();
  clock.advance(std::chrono::hours(1));

  const ClusterView view = look("node-1");

  EXPECT_THAT(view.nodes, testing::ElementsAre("node-1"));
  EXPECT_EQ(view.at, clock.now());
  ASSERT_EQ(view.shards.size(), 2U);
  for (const ShardOwner& shard : view.shards) {
    EXPECT_EQ(shard.node, "node-1");
    EXPECT_TRUE(shard.alive);
  }
  EXPECT_EQ(view.shards[0].epoch, Epoch{0});
  EXPECT_EQ(view.shards[1].epoch, taken.epoch);
}

TEST_F(ContractSoleOwner, NothingIsHandedOver) {
  const auto deadline = testing_support::some_deadline();
  EXPECT_TRUE(run_task(owner.release(ShardId{0}, Epoch{0}, deadline)));
  EXPECT_TRUE(run_task(owner.leave({"node-1"}, deadline)));
  EXPECT_EQ(look("node-1").shards[0].node, "node-1");
}

}  // namespace
}  // namespace edda
