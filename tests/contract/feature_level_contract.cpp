#include "contract/feature_level_contract.hpp"

namespace edda::test {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ContractFeatureLevel);

TEST_P(ContractFeatureLevel, ANewStoreStandsWhereItWasMade) {
  EXPECT_EQ(GetParam().make(newest_feature_level)->log().info().feature_level, newest_feature_level);
  EXPECT_EQ(GetParam().make(1)->log().info().feature_level, 1);
}

TEST_P(ContractFeatureLevel, IsRaisedOnceAndStays) {
  const auto store = GetParam().make(1);
  EXPECT_EQ(await(store->level().raise_feature_level(2, soon())).value(), 2);
  EXPECT_EQ(store->log().info().feature_level, 2);
  EXPECT_EQ(await(store->level().raise_feature_level(2, soon())).value(), 2);
  store->reopen();
  EXPECT_EQ(store->log().info().feature_level, 2);
}

TEST_P(ContractFeatureLevel, IsNeverLowered) {
  const auto store = GetParam().make(2);
  EXPECT_EQ(await(store->level().raise_feature_level(1, soon())).value(), 2);
  EXPECT_EQ(store->log().info().feature_level, 2);
}

TEST_P(ContractFeatureLevel, IsNotRaisedBeyondWhatThisReleaseKnows) {
  const auto store = GetParam().make(1);
  const auto raised = await(store->level().raise_feature_level(newest_feature_level + 1, soon()));
  ASSERT_FALSE(raised);
  EXPECT_EQ(raised.error().code, Errc::invalid_argument);
  EXPECT_EQ(store->log().info().feature_level, 1);
}

TEST_P(ContractFeatureLevel, IsSeenWhereItStands) {
  const auto store = GetParam().make(1);
  EXPECT_EQ(await(store->level().look_at_level(soon()))->level, 1);
  EXPECT_EQ(await(store->level().raise_feature_level(2, soon())).value(), 2);
  EXPECT_EQ(await(store->level().look_at_level(soon()))->level, 2);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ContractSharedFeatureLevel);

constexpr std::chrono::milliseconds long_lease = std::chrono::hours(1);

TEST_P(ContractSharedFeatureLevel, ShowsWhatLivingNodesKnow) {
  const auto store = GetParam().make(1);
  store->other_node("old", 1, long_lease);
  store->other_node("new", 2, long_lease);
  store->other_node("dead", 1, std::chrono::milliseconds(0));
  const std::vector<NodeLevel> known{{"new", 2}, {"old", 1}};
  EXPECT_EQ(await(store->level().look_at_level(soon()))->nodes, known);
}

TEST_P(ContractSharedFeatureLevel, IsNotRaisedOverALivingNodeThatDoesNotKnowIt) {
  const auto store = GetParam().make(1);
  store->other_node("new", 2, long_lease);
  store->other_node("old", 1, long_lease);
  const auto refused = await(store->level().raise_feature_level(2, soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::rejected);
  EXPECT_EQ(refused.error().reason, "node_too_old");
  EXPECT_NE(refused.error().message.find("old (knows 1)"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().message.find("new"), std::string::npos) << refused.error().message;
  EXPECT_EQ(store->log().info().feature_level, 1);
  store->reopen();
  EXPECT_EQ(store->log().info().feature_level, 1);
}

TEST_P(ContractSharedFeatureLevel, IsRaisedOnceTheOldNodeHasGoneOrIsUpgraded) {
  const auto store = GetParam().make(1);
  store->other_node("gone", 1, std::chrono::milliseconds(0));
  store->other_node("upgraded", 1, long_lease);
  store->other_node("upgraded", 2, long_lease);
  EXPECT_EQ(await(store->level().raise_feature_level(2, soon())).value(), 2);
}

}  // namespace edda::test
