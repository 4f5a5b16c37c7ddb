#include "kafka/answer_slot.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::kafka {
namespace {

using testing_support::run_task;
using testing_support::some_deadline;

TEST(UnitKafkaAnswerSlot, TheFirstAnswerStandsAndThoseAfterItAreDropped) {
  AnswerSlot<int> slot;
  slot.answer(1);
  slot.answer(2);
  EXPECT_EQ(run_task(slot.wait(some_deadline())), 1);
  EXPECT_EQ(run_task(slot.wait(Deadline{SteadyTime::min()})), 1);
}

TEST(UnitKafkaAnswerSlot, WhatDidNotComeByTheDeadlineCanBeWaitedForAgain) {
  AnswerSlot<int> slot;
  EXPECT_EQ(run_task(slot.wait(Deadline{SteadyTime::min()})), std::nullopt);
  slot.answer(3);
  EXPECT_EQ(run_task(slot.wait(some_deadline())), 3);
}

TEST(UnitKafkaAnswerSlot, AnAnswerAfterTheContextHasGoneTouchesNothingOfIt) {
  AnswerSlot<int> slot;
  {
    boost::asio::io_context context;
    boost::asio::co_spawn(
        context, [](AnswerSlot<int>& awaited) -> Task<void> { static_cast<void>(co_await awaited.wait(some_deadline())); }(slot),
        boost::asio::detached);
    context.poll();  // it waits
  }
  slot.answer(4);
  EXPECT_EQ(run_task(slot.wait(some_deadline())), 4);
}

TEST(UnitKafkaAnswerSlot, AnAnswerFromAnotherThreadMayComeAsTheContextEnds) {
  for (int round = 0; round < 2'000; ++round) {
    const auto slot = std::make_shared<AnswerSlot<int>>();
    std::thread answering([slot, round] { slot->answer(round); });
    EXPECT_EQ(run_task(slot->wait(some_deadline())), round);
    answering.join();
  }
}

}  // namespace
}  // namespace edda::kafka
