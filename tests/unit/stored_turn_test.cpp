// From a decision to what a store takes, and back from a stream to its row.
#include "turn/stored_turn.hpp"

#include <gtest/gtest.h>

#include "unit/order_story.hpp"

namespace edda {
namespace {

using testing_support::OrderStory;

/// The story's log, as a store would give it back.
std::vector<RecordedEvent> recorded(const OrderStory& story) {
  std::vector<RecordedEvent> log;
  for (const auto& decided : story.history) {
    auto encoded = turn::encode({{decided}, story.order_case});
    auto& event = encoded.events.front();
    log.push_back({ShardId{0},
                   Position{static_cast<std::int64_t>(log.size() + 1)},
                   event.stream,
                   event.version,
                   std::string(event.type),
                   OrderStory::start,
                   "n1",
                   TurnId{},
                   OrderStory::order_id,
                   {},
                   std::move(event.data)});
  }
  return log;
}
std::vector<RecordedEvent> stream(const std::vector<RecordedEvent>& log, StreamId id) {
  std::vector<RecordedEvent> events;
  for (const auto& event : log)
    if (event.stream == id) events.push_back(event);
  return events;
}
OrderStory cancelled_order() {
  OrderStory story;
  story.place();
  story.answer(saga::Outcome::succeeded);
  story.cancel();
  story.answer(saga::Outcome::succeeded, story.last_saga().id);
  return story;
}

TEST(UnitStoredTurn, EachStreamAloneGivesItsRow) {
  const OrderStory story = cancelled_order();
  const auto log = recorded(story);
  const auto order = turn::rows_of_stream(stream(log, stream_of(OrderStory::order_id))).value();
  EXPECT_EQ(order.orders, std::vector{row_of(story.order_case.order)});
  EXPECT_TRUE(order.payments.empty() && order.sagas.empty());
  const auto payment = turn::rows_of_stream(stream(log, stream_of(OrderStory::payment_id))).value();
  EXPECT_EQ(payment.payments, std::vector{row_of(story.order_case.payment)});
  const auto saga = turn::rows_of_stream(stream(log, stream_of(OrderStory::saga_id))).value();
  EXPECT_EQ(saga.sagas, std::vector{saga::row_of(story.main_saga())});
}

TEST(UnitStoredTurn, ATurnCarriesTheRowsOfTheStreamsItChanged) {
  OrderStory story;
  story.place();
  const auto placed = turn::encode({story.history, story.order_case});
  EXPECT_EQ(placed.events.size(), 4U);
  EXPECT_EQ(placed.orders.size() + placed.payments.size() + placed.sagas.size(), 3U);
}

TEST(UnitStoredTurn, WhatCannotBeReadIsCorrupt) {
  auto log = recorded(cancelled_order());
  auto order = stream(log, stream_of(OrderStory::order_id));
  order.front().data = "{}";
  EXPECT_EQ(turn::rows_of_stream(order).error().code, Errc::corrupt);
  order.front().type = "DreamCreated";
  EXPECT_EQ(turn::rows_of_stream(order).error().code, Errc::corrupt);
  auto saga = stream(log, stream_of(OrderStory::saga_id));
  const auto version = saga.front().data.find("\"definitionVersion\":2");
  ASSERT_NE(version, std::string::npos);
  saga.front().data.replace(version, 21, "\"definitionVersion\":9");
  EXPECT_EQ(turn::rows_of_stream(saga).error().message,
            "a saga's definition is not one this release knows: start a newer release");
}

TEST(UnitViewRows, EveryStatusHasAName) {
  for (int i = 0; i < 7; ++i) {
    const auto status = static_cast<SagaStatus>(i);
    EXPECT_EQ(parse_saga_status(to_string(status)), status);
  }
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(parse_payment_status(to_string(static_cast<PaymentStatus>(i))), static_cast<PaymentStatus>(i));
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(parse_order_status(to_string(static_cast<OrderStatus>(i))), static_cast<OrderStatus>(i));
  EXPECT_EQ(parse_order_status("dreaming"), std::nullopt);
  EXPECT_EQ(parse_payment_status("dreaming"), std::nullopt);
  EXPECT_EQ(parse_saga_status("dreaming"), std::nullopt);
}

TEST(UnitViewRows, ALiveSagaStillHasSomethingToDoOrWaits) {
  for (const auto live : {SagaStatus::started, SagaStatus::compensating, SagaStatus::parked, SagaStatus::paused})
    EXPECT_TRUE(is_live(live));
  for (const auto ended : {SagaStatus::completed, SagaStatus::compensated, SagaStatus::force_closed})
    EXPECT_FALSE(is_live(ended));
}

}  // namespace
}  // namespace edda
