#include "kernel/shrink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace edda::sim {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto workload = static_cast<std::size_t>(Stream::workload);
constexpr auto faults = static_cast<std::size_t>(Stream::faults);

DrawList filled(std::size_t count) {
  DrawList draws;
  for (auto& stream : draws) stream.assign(count, 9);
  return draws;
}

TEST(UnitSimShrink, LeavesOnlyWhatTheFailureNeeds) {
  DrawList draws = filled(60);
  draws[faults][40] = 77;
  const auto fails = [](const DrawList& list) { return std::ranges::find(list[faults], 77U) != list[faults].end(); };
  const auto shrunk = shrink(draws, fails, {});
  EXPECT_THAT(shrunk.draws[faults], ElementsAre(77));
  EXPECT_THAT(shrunk.draws[workload], IsEmpty());
}

TEST(UnitSimShrink, LowersNumbersAsFarAsTheyMayGo) {
  const auto fails = [](const DrawList& list) { return !list[workload].empty() && list[workload][0] >= 3; };
  DrawList draws;
  draws[workload] = {100};
  EXPECT_THAT(shrink(draws, fails, {}).draws[workload], ElementsAre(3));
}

TEST(UnitSimShrink, ZeroesWhatMustStayInItsPlace) {
  // The tenth number matters, by its place.
  const auto fails = [](const DrawList& list) { return list[workload].size() >= 10 && list[workload][9] == 9; };
  DrawList draws;
  draws[workload].assign(10, 9);
  auto shrunk = shrink(draws, fails, {}).draws[workload];
  ASSERT_EQ(shrunk.size(), 10U);
  EXPECT_EQ(shrunk.back(), 9U);
  shrunk.pop_back();
  EXPECT_THAT(shrunk, Each(0U));
}

TEST(UnitSimShrink, EndsWithItsBudgetAndStillFails) {
  int runs = 0;
  const auto fails = [&](const DrawList& list) {
    ++runs;
    return std::ranges::count(list[workload], 9U) >= 30;
  };
  const auto shrunk = shrink(filled(500), fails, {.runs = 40});
  EXPECT_EQ(runs, 40);
  EXPECT_EQ(shrunk.runs, 40);
  EXPECT_TRUE(fails(shrunk.draws));
}

TEST(UnitSimShrink, KeepsAListThatFailsOnlyAsItIs) {
  const DrawList draws = filled(20);
  const auto shrunk = shrink(draws, [&](const DrawList& list) { return list == draws; }, {});
  EXPECT_EQ(shrunk.draws, draws);
}

}  // namespace
}  // namespace edda::sim
