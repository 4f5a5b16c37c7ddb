// The order by itself: which command is refused in which state, and its events' codec.
#include "order/order.hpp"

#include <gtest/gtest.h>

namespace edda::order {
namespace {

const PlaceOrder place{OrderId{Uuid{{1}}}, UserId{Uuid{{2}}}, {{"P-1", "Keyboard", Quantity::whole(2), Money{999}}},
                       Money{1998},        "Seoul",           PaymentId{Uuid{{3}}},
                       SagaId{Uuid{{4}}}};
const RequestCancellation request_cancellation{"broken", SagaId{Uuid{{5}}}};

State given(const std::vector<Command>& commands) {
  State state;
  for (const auto& command : commands)
    for (const auto& event : decide(state, command).value()) state = evolve(std::move(state), event);
  return state;
}
const State pending = given({place});
const State paid = given({place, ConfirmOrder{}});
const State shipped = given({place, ConfirmOrder{}, ShipOrder{}});
const State delivered = given({place, ConfirmOrder{}, ShipOrder{}, DeliverOrder{}});
const State cancelling = given({place, ConfirmOrder{}, request_cancellation});
const State cancelled = given({place, CancelOrder{"declined"}});

std::string refusal(const State& state, const Command& command) {
  const auto decided = decide(state, command);
  return decided ? "" : std::string(to_string(decided.error()));
}

TEST(UnitOrder, RefusesWhatItsStateDoesNotAllow) {
  EXPECT_EQ(refusal(pending, place), "already_exists");
  EXPECT_EQ(refusal(State{}, ShipOrder{}), "not_found");
  EXPECT_EQ(refusal(paid, ConfirmOrder{}), "not_pending");
  EXPECT_EQ(refusal(cancelling, request_cancellation), "already_cancelling");
  EXPECT_EQ(refusal(cancelled, request_cancellation), "already_cancelled");
  EXPECT_EQ(refusal(delivered, request_cancellation), "delivered");
  EXPECT_EQ(refusal(paid, CancelOrder{""}), "not_cancelling");
  EXPECT_EQ(refusal(cancelled, CancelOrder{""}), "already_cancelled");
  EXPECT_EQ(refusal(pending, ShipOrder{}), "not_paid");
  EXPECT_EQ(refusal(paid, DeliverOrder{}), "not_shipped");
}

TEST(UnitOrder, CanBeCancelledUntilItIsDelivered) {
  for (const State& state : {pending, paid, shipped}) EXPECT_EQ(refusal(state, request_cancellation), "");
  EXPECT_EQ(refusal(cancelling, CancelOrder{"broken"}), "");
}

TEST(UnitOrder, EveryEventSurvivesItsCodec) {
  const std::vector<Event> events{OrderCreated{place.order, place.user, place.items, place.total,
                                               place.shipping_address, place.payment, place.saga},
                                  OrderConfirmed{place.order, place.payment, place.total},
                                  OrderCancellationRequested{place.order, "broken", place.saga},
                                  OrderCancelled{place.order, place.user, "broken"},
                                  OrderShipped{place.order},
                                  OrderDelivered{place.order}};
  for (const auto& event : events) {
    const auto again = decode(type_name(event), encode(event));
    ASSERT_TRUE(again);
    EXPECT_EQ(type_name(*again), type_name(event));
    EXPECT_EQ(encode(*again), encode(event));
  }
}

TEST(UnitOrder, WhatIsNotUnderstoodIsCorrupt) {
  EXPECT_EQ(decode("OrderDreamt", "{}").error().code, Errc::corrupt);
  EXPECT_EQ(decode("OrderShipped", "{}").error().code, Errc::corrupt);
  std::string data =
      encode(Event(OrderCreated{place.order, place.user, {}, place.total, "", place.payment, place.saga}));
  data.replace(data.find("[]"), 2, "[1]");
  EXPECT_EQ(decode("OrderCreated", data).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace edda::order
