#include "owner/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace edda::owner {
namespace {

using std::chrono::milliseconds;
using State = CircuitBreaker::State;
using Pass = CircuitBreaker::Pass;

constexpr SteadyTime start{std::chrono::hours(1)};
constexpr BreakerSettings three{.failures = 3, .rate = 0.5, .window = 10, .pause = milliseconds(100), .pause_max = milliseconds(300)};

void answer(CircuitBreaker& breaker, bool healthy, int times = 1) {
  for (int i = 0; i < times; ++i) {
    ASSERT_EQ(breaker.ask(start), Pass::send);
    breaker.answered(healthy, false, start);
  }
}

TEST(UnitCircuitBreaker, OpensAfterSoManyFailuresInARow) {
  CircuitBreaker breaker(three);
  answer(breaker, false, 2);
  answer(breaker, true);
  answer(breaker, false, 2);
  EXPECT_EQ(breaker.state(), State::closed);
  answer(breaker, false);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.ask(start), Pass::wait);
  EXPECT_EQ(breaker.probe_at(), start + milliseconds(100));
  EXPECT_EQ(breaker.opened_total(), 1U);
}

TEST(UnitCircuitBreaker, OpensWhenHalfOfTheLastAnswersWereFailures) {
  CircuitBreaker breaker(three);
  for (int i = 0; i < 4; ++i) {
    answer(breaker, false);
    answer(breaker, true);
  }
  EXPECT_EQ(breaker.state(), State::closed);
  answer(breaker, false);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(UnitCircuitBreaker, LetsOneProbeThroughAtATime) {
  CircuitBreaker breaker(three);
  answer(breaker, false, 3);
  EXPECT_EQ(breaker.ask(start + milliseconds(99)), Pass::wait);
  EXPECT_EQ(breaker.ask(start + milliseconds(100)), Pass::probe);
  EXPECT_EQ(breaker.ask(start + milliseconds(100)), Pass::wait);
  EXPECT_EQ(breaker.state(), State::half_open);
  breaker.answered(true, true, start + milliseconds(150));
  EXPECT_EQ(breaker.state(), State::closed);
  EXPECT_EQ(breaker.ask(start + milliseconds(150)), Pass::send);
}

TEST(UnitCircuitBreaker, WaitsTwiceAsLongAfterAProbeThatFailsUpToALimit) {
  CircuitBreaker breaker(three);
  answer(breaker, false, 3);
  SteadyTime at = start;
  for (const milliseconds pause : {milliseconds(100), milliseconds(200), milliseconds(300), milliseconds(300)}) {
    EXPECT_EQ(breaker.probe_at(), at + pause);
    at = breaker.probe_at();
    ASSERT_EQ(breaker.ask(at), Pass::probe);
    breaker.answered(false, true, at);
    EXPECT_EQ(breaker.state(), State::open);
  }
  EXPECT_EQ(breaker.opened_total(), 1U) << "it was never closed in between";
}

TEST(UnitCircuitBreaker, WhatWasSentBeforeItOpenedChangesNothing) {
  CircuitBreaker breaker(three);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(breaker.ask(start), Pass::send);
  for (int i = 0; i < 3; ++i) breaker.answered(false, false, start);
  breaker.answered(true, false, start);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(UnitCircuitBreaker, AProbeThatWasNotNeededMakesRoomForAnother) {
  CircuitBreaker breaker(three);
  answer(breaker, false, 3);
  ASSERT_EQ(breaker.ask(start + milliseconds(100)), Pass::probe);
  breaker.not_sent(true);
  EXPECT_EQ(breaker.ask(start + milliseconds(100)), Pass::probe);
}

TEST(UnitCircuitBreaker, NeverOpensWhenItIsOff) {
  CircuitBreaker breaker({.failures = 0});
  answer(breaker, false, 500);
  EXPECT_EQ(breaker.state(), State::closed);
}

}  // namespace
}  // namespace edda::owner
