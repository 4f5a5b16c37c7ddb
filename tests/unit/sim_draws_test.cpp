#include "kernel/draws.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "kernel/draws_text.hpp"

namespace edda::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint32_t>& of(DrawList& list, Stream stream) { return list[static_cast<std::size_t>(stream)]; }

/// Some of everything.
std::vector<std::int64_t> draw_some(Draws& draws) {
  std::vector<std::int64_t> drawn;
  for (int i = 0; i < 50; ++i) {
    drawn.push_back(draws.below(Stream::workload, 100));
    drawn.push_back(draws.chance(Stream::faults, 300) ? 1 : 0);
    drawn.push_back(draws.delay(Stream::network, 1ms, 1s).count());
  }
  return drawn;
}

TEST(UnitSimDraws, ASeedDrawsTheSameAgainAndAnotherDrawsOtherwise) {
  Draws first(7);
  Draws again(7);
  Draws other(8);
  const auto drawn = draw_some(first);
  EXPECT_EQ(draw_some(again), drawn);
  EXPECT_NE(draw_some(other), drawn);
}

TEST(UnitSimDraws, WhatWasTakenDrawsTheSameWithoutTheSeed) {
  Draws first(7);
  const auto drawn = draw_some(first);
  Draws replayed(first.taken());
  EXPECT_EQ(draw_some(replayed), drawn);
  EXPECT_EQ(replayed.taken(), first.taken());
}

TEST(UnitSimDraws, AFurtherDrawInOneStreamDoesNotMoveTheOthers) {
  Draws plain(7);
  Draws busy(7);
  for (int i = 0; i < 10; ++i) busy.below(Stream::store, 1'000);
  EXPECT_EQ(draw_some(busy), draw_some(plain));
}

TEST(UnitSimDraws, StaysBelowItsBoundAndReachesAllOfIt) {
  Draws draws(1);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(draws.below(Stream::workload, 5));
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(draws.below(Stream::workload, 1), 0U);
}

TEST(UnitSimDraws, AChanceComesAboutAsOftenAsItSays) {
  Draws draws(1);
  int never = 0;
  int often = 0;
  int always = 0;
  for (int i = 0; i < 10'000; ++i) {
    never += draws.chance(Stream::faults, 0) ? 1 : 0;
    often += draws.chance(Stream::faults, 250) ? 1 : 0;
    always += draws.chance(Stream::faults, 1000) ? 1 : 0;
  }
  EXPECT_EQ(never, 0);
  EXPECT_EQ(always, 10'000);
  EXPECT_NEAR(often, 2'500, 250);
}

TEST(UnitSimDraws, ADelayLiesBetweenItsEndsAndMoreOftenNearTheShortest) {
  Draws draws(1);
  int in_the_first_quarter = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto delay = draws.delay(Stream::network, 10ms, 110ms);
    EXPECT_GE(delay, 10ms);
    EXPECT_LE(delay, 110ms);
    in_the_first_quarter += delay < 35ms ? 1 : 0;
  }
  EXPECT_NEAR(in_the_first_quarter, 500, 60);
  EXPECT_EQ(draws.delay(Stream::network, 5ms, 5ms), 5ms);
  EXPECT_EQ(draws.delay(Stream::network, 5ms, 1ms), 5ms);
}

TEST(UnitSimDraws, PastItsEndAReplayTakesTheSimplest) {
  DrawList list;
  of(list, Stream::workload) = {3};
  Draws draws(list);
  EXPECT_EQ(draws.below(Stream::workload, 10), 3U);
  EXPECT_EQ(draws.below(Stream::workload, 10), 0U);
  EXPECT_FALSE(draws.chance(Stream::faults, 999));
  EXPECT_EQ(draws.delay(Stream::network, 2ms, 1s), 2ms);
  EXPECT_EQ(draws.count(), 4U);
}

TEST(UnitSimDraws, AReplayedNumberIsMadeToFit) {
  DrawList list;
  of(list, Stream::workload) = {70};
  of(list, Stream::faults) = {1};
  Draws draws(list);
  EXPECT_EQ(draws.below(Stream::workload, 10), 9U);
  EXPECT_FALSE(draws.chance(Stream::faults, 0));
}

TEST(UnitSimDrawsText, IsShortAndReadsBack) {
  DrawList list;
  of(list, Stream::workload) = {5, 5, 5, 1, 0, 0};
  of(list, Stream::nodes) = {4294967295U};
  const auto text = to_text(list);
  EXPECT_EQ(text, "5*3,1//////4294967295");
  auto read = parse_draws(text);
  ASSERT_TRUE(read);
  EXPECT_THAT(of(*read, Stream::workload), ElementsAre(5, 5, 5, 1));
  EXPECT_THAT(of(*read, Stream::network), IsEmpty());
  EXPECT_THAT(of(*read, Stream::nodes), ElementsAre(4294967295U));
}

TEST(UnitSimDrawsText, ReadsNothingThatIsNoList) {
  for (const auto* text : {"", "1", "1//////x", "1,//////", "1*//////", "1*99999999//////", "-1//////", "1///////", "1 2//////", "4294967296//////"})
    EXPECT_FALSE(parse_draws(text)) << text;
}

}  // namespace
}  // namespace edda::sim
