#include "operators/feature_level_service.hpp"

#include <gtest/gtest.h>

#include "memory/event_store.hpp"
#include "support/quiet_log.hpp"
#include "support/run_task.hpp"

namespace edda::operators {
namespace {

using testing_support::run_task;

constexpr Deadline some_time{SteadyTime::max()};
constexpr std::chrono::hours long_lease{1};

struct UnitFeatureLevelService : testing::Test {
  Result<LevelRaise> raise(int to) { return run_task(service.raise(to, {.reason = "upgraded"}, some_time)); }

  memory::MemoryEventStore store{{.shards = 1, .generation = {}, .feature_level = 1}};
  testing_support::QuietLog log;
  bool audit_fails = false;
  std::vector<std::string> audited;
  FeatureLevelService service{{store,
                               [this](accounts::Actor actor, std::string action, std::string, std::string details, Deadline) {
                                 return record(actor.reason + " " + action + " " + details);
                               },
                               log},
                              "node-1"};

 private:
  Task<Result<void>> record(std::string entry) {
    if (audit_fails) co_return fail(Errc::unavailable, "no audit");
    audited.push_back(std::move(entry));
    co_return Result<void>{};
  }
};

TEST_F(UnitFeatureLevelService, TheNodeThatIsAskedIsAmongThoseThatLive) {
  store.beat_as_release("node-0", long_lease, 2);
  store.beat_as_release("node-2", long_lease, 1);
  const auto status = run_task(service.status(some_time)).value();
  const std::vector<NodeLevel> nodes{{"node-0", 2}, {"node-1", newest_feature_level}, {"node-2", 1}};
  EXPECT_EQ(status.nodes, nodes);
  EXPECT_EQ(status.raisable_to, 1);
}

TEST_F(UnitFeatureLevelService, ItsOwnHeartbeatIsNotCountedTwice) {
  store.beat_as_release("node-1", long_lease, newest_feature_level);
  EXPECT_EQ(run_task(service.status(some_time))->nodes.size(), 1U);
}

TEST_F(UnitFeatureLevelService, WhatStandsHigherThanANodeKnowsIsWhatStands) {
  ASSERT_TRUE(raise(2));
  store.beat_as_release("node-0", long_lease, 1);
  EXPECT_EQ(run_task(service.status(some_time))->raisable_to, 2);
  EXPECT_EQ(raise(2)->from, 2);
}

TEST_F(UnitFeatureLevelService, ARaiseIsAuditedOnce) {
  EXPECT_EQ(raise(2)->from, 1);
  EXPECT_EQ(raise(2)->from, 2);
  EXPECT_EQ(audited, std::vector<std::string>{R"(upgraded store.feature_level_raised {"from":1,"to":2})"});
}

TEST_F(UnitFeatureLevelService, WithoutAnAuditLogItStandsAndTheLogTells) {
  audit_fails = true;
  EXPECT_EQ(raise(2)->to, 2);
  EXPECT_EQ(store.info().feature_level, 2);
  EXPECT_EQ(log.messages().size(), 1U);
}

TEST_F(UnitFeatureLevelService, ALevelThatNobodyKnowsIsRefused) {
  const auto refused = raise(newest_feature_level + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_EQ(store.info().feature_level, 1);
}

}  // namespace
}  // namespace edda::operators
