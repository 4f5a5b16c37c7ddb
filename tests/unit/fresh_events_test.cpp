#include "owner/fresh_events.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "support/stepped_clock.hpp"

namespace edda::owner {
namespace {

using testing_support::SteppedClock;

Uuid uuid(std::uint8_t number) { return make_uuid_v7(SteppedClock::start, {1, number}, 0); }
const Uuid generation = uuid(1);

lanes::CommittedTurn turn(std::int64_t first, std::size_t events, const Uuid& of = generation) {
  auto turn = std::make_shared<Turn>();
  turn->shard = ShardId{3};
  for (std::size_t i = 0; i < events; ++i) turn->events.push_back({StreamId{uuid(2)}, StreamVersion{static_cast<std::int64_t>(i) + 1}, "OrderCreated", "{}"});
  return {turn, of, Position{first}, SteppedClock::start, nullptr};
}

std::vector<std::int64_t> positions(const std::vector<RecordedEvent>& events) {
  std::vector<std::int64_t> all;
  for (const auto& event : events) all.push_back(event.position.value);
  return all;
}
using Positions = std::vector<std::int64_t>;

TEST(UnitFreshEvents, GivesWhatFollowsOnce) {
  FreshEvents fresh(100);
  fresh.add(turn(4, 2));
  fresh.add(turn(6, 1));
  EXPECT_EQ(positions(fresh.take(Position{4}, 100, generation)), (Positions{5, 6}));
  EXPECT_TRUE(fresh.take(Position{4}, 100, generation).empty());
  fresh.add(turn(7, 1));
  EXPECT_EQ(positions(fresh.take(Position{6}, 100, generation)), (Positions{7}));
}

TEST(UnitFreshEvents, GivesNoMoreThanTheLimitAndTheRestNext) {
  FreshEvents fresh(100);
  fresh.add(turn(1, 5));
  EXPECT_EQ(positions(fresh.take(Position{0}, 3, generation)), (Positions{1, 2, 3}));
  EXPECT_EQ(positions(fresh.take(Position{3}, 3, generation)), (Positions{4, 5}));
}

TEST(UnitFreshEvents, SaysNothingWhenSomebodyElseCameBetween) {
  FreshEvents fresh(100);
  fresh.add(turn(1, 2));
  fresh.add(turn(5, 1));
  EXPECT_TRUE(fresh.take(Position{0}, 100, generation).empty());
  EXPECT_TRUE(fresh.take(Position{2}, 100, generation).empty()) << "3 and 4 are another node's";
  EXPECT_EQ(positions(fresh.take(Position{4}, 100, generation)), (Positions{5}));
}

TEST(UnitFreshEvents, KeepsNoMoreThanItMay) {
  FreshEvents fresh(3);
  fresh.add(turn(1, 2));
  fresh.add(turn(3, 2));
  EXPECT_TRUE(fresh.take(Position{0}, 100, generation).empty());
  EXPECT_EQ(positions(fresh.take(Position{2}, 100, generation)), (Positions{3, 4}));
}

TEST(UnitFreshEvents, WhatStoodInAnotherGenerationOfTheStoreIsForgotten) {
  FreshEvents fresh(100);
  fresh.add(turn(1, 2));
  EXPECT_TRUE(fresh.take(Position{0}, 100, uuid(9)).empty()) << "the store has failed over";
  fresh.add(turn(3, 1, uuid(9)));
  EXPECT_TRUE(fresh.take(Position{0}, 100, uuid(9)).empty()) << "1 and 2 may be others now";
  EXPECT_EQ(positions(fresh.take(Position{2}, 100, uuid(9))), (Positions{3}));
}

}  // namespace
}  // namespace edda::owner
