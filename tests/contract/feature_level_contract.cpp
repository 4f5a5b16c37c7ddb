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

}  // namespace edda::test
