#include <gtest/gtest.h>

#include "operators/parked.hpp"
#include "operators/refusals.hpp"

namespace edda::operators {
namespace {

TEST(UnitOperatorsParked, WhatTellsCasesApartIsLeftOut) {
  EXPECT_EQ(normalised("HTTP 503 from the gateway"), "HTTP 503 from the gateway");
  EXPECT_EQ(normalised("charge 01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a10 timed out after 1500ms"), "charge # timed out after #");
  EXPECT_EQ(normalised("order ord_8812: declined"), "order #: declined");
  EXPECT_EQ(normalised("카드가 거절되었습니다 20260131"), "카드가 거절되었습니다 #");
  EXPECT_EQ(normalised(""), "");
}

TEST(UnitOperatorsRefusals, EachSaysWhatItMeansAndWhatToDo) {
  for (int i = 0; i <= static_cast<int>(saga::Rejection::feature_level_too_low); ++i) {
    const auto rejection = static_cast<saga::Rejection>(i);
    const Advice advice = advice_for(saga::to_string(rejection));
    EXPECT_TRUE(advice.detail.ends_with('.')) << saga::to_string(rejection);
    EXPECT_TRUE(advice.next.ends_with('.')) << saga::to_string(rejection);
  }
  EXPECT_EQ(advice_for("no such reason").detail, "");
}

}  // namespace
}  // namespace edda::operators
