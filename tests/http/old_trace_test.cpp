#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "http/harness.hpp"

namespace edda::http {
namespace {

class HttpOldTrace : public ApiTest {
 protected:
  std::string place_and_pay(std::string_view product) {
    const std::string order = place(kim, product);
    wait_for_status(kim, order, "paid");
    return order;
  }

  Caller kim = harness.sign_up("kim");
  Caller lee = harness.sign_up("lee");
  Caller op = harness.sign_up("op", Role::operator_);
};

// The first event of that type in an answer's list.
boost::json::value event_of(const boost::json::value& list, std::string_view type) {
  for (const auto& event : list.as_array()) {
    if (text_at(event, "/eventType") == type) return event;
  }
  ADD_FAILURE() << "no " << type;
  return {};
}

bool ascends(const boost::json::value& list) {
  const auto& events = list.as_array();
  return std::ranges::is_sorted(events, {},
                                [](const boost::json::value& event) { return text_at(event, "/timestamp"); });
}

TEST_F(HttpOldTrace, ACorrelationTellsTheWholeStory) {
  const std::string order = place_and_pay("A");
  const auto trace = kim.get("/trace/correlation/" + order).json();
  EXPECT_EQ(fields_of(trace), "correlationId found order payment saga summary timeline");
  EXPECT_EQ(fields_of(at(trace, "/saga")),
            "compensationSteps completedSteps createdAt currentStep errorMessage id status type updatedAt");
  EXPECT_EQ(fields_of(at(trace, "/order")), "createdAt id items paymentId status totalAmount updatedAt");
  EXPECT_EQ(fields_of(at(trace, "/payment")),
            "amount createdAt externalTransactionId failureReason id method status updatedAt");
  EXPECT_EQ(fields_of(at(trace, "/timeline/0")), "aggregateId aggregateType data eventType timestamp");
  EXPECT_EQ(fields_of(at(trace, "/summary")), "duration isSuccessful orderStatus paymentStatus sagaStatus totalEvents");
  EXPECT_EQ(text_at(trace, "/order/paymentId"), text_at(trace, "/payment/id"));
  EXPECT_EQ(text_at(trace, "/payment/method"), "credit_card");
  EXPECT_EQ(at(trace, "/summary/isSuccessful"), true);
  EXPECT_EQ(at(trace, "/summary/totalEvents"), at(trace, "/timeline").as_array().size());
  EXPECT_TRUE(ascends(at(trace, "/timeline")));
}

TEST_F(HttpOldTrace, EventsThatClientsKnowHaveTheOldShape) {
  const std::string order = place_and_pay("A");
  const auto timeline = at(kim.get("/trace/correlation/" + order).json(), "/timeline");
  const auto created = event_of(timeline, "OrderCreated");
  EXPECT_EQ(text_at(created, "/aggregateType"), "Order");
  EXPECT_EQ(text_at(created, "/aggregateId"), order);
  EXPECT_EQ(fields_of(at(created, "/data")), "items orderId shippingAddress totalAmount userId");
  EXPECT_EQ(fields_of(at(created, "/data/items/0")), "price productId productName quantity");
  EXPECT_EQ(at(created, "/data/totalAmount"), 10);
  const auto processed = event_of(timeline, "PaymentProcessed");
  EXPECT_EQ(text_at(processed, "/aggregateType"), "Payment");
  EXPECT_EQ(fields_of(at(processed, "/data")), "amount externalTransactionId orderId paymentId userId");
  EXPECT_EQ(at(processed, "/data/amount"), 10);
  const auto confirmed = event_of(timeline, "OrderConfirmed");
  EXPECT_EQ(text_at(confirmed, "/data/totalAmount"), "10.00");
  EXPECT_EQ(text_at(event_of(timeline, "SagaCompleted"), "/aggregateType"), "Saga");
}

TEST_F(HttpOldTrace, ADeclineTellsWhy) {
  decline_next_charge();
  const std::string order = place(kim, "A");
  wait_for_status(kim, order, "cancelled");
  const auto trace = kim.get("/trace/correlation/" + order).json();
  EXPECT_EQ(text_at(trace, "/payment/failureReason"), "Insufficient funds or card declined");
  EXPECT_TRUE(at(trace, "/payment/externalTransactionId").is_null());
  EXPECT_TRUE(at(trace, "/order/paymentId").is_null());
  EXPECT_EQ(text_at(trace, "/summary/sagaStatus"), "compensated");
  EXPECT_EQ(text_at(trace, "/summary/orderStatus"), "cancelled");
  EXPECT_EQ(text_at(trace, "/summary/paymentStatus"), "failed");
  EXPECT_EQ(at(trace, "/summary/isSuccessful"), false);
  const auto timeline = at(trace, "/timeline");
  EXPECT_EQ(text_at(event_of(timeline, "PaymentFailed"), "/data/failureReason"), "Insufficient funds or card declined");
  EXPECT_EQ(text_at(event_of(timeline, "OrderCancelled"), "/data/reason"),
            "Payment failed: Insufficient funds or card declined");
}

TEST_F(HttpOldTrace, TheKeyOfAnOrderTellsItsStory) {
  std::string body = order_body("A");
  body.insert(1, R"("idempotencyKey":"my-key",)");
  const std::string order = text_at(kim.post("/orders", body).json(), "/id");
  EXPECT_EQ(text_at(kim.get("/trace/correlation/my-key").json(), "/order/id"), order);
}

TEST_F(HttpOldTrace, AnOrderTellsOfAllItsSagas) {
  const std::string order = place_and_pay("A");
  kim.call("DELETE", "/orders/" + order);
  eventually("it is refunded",
             [&] { return text_at(kim.get("/trace/order/" + order).json(), "/payment/status") == "refunded"; });
  const auto trace = kim.get("/trace/order/" + order).json();
  EXPECT_EQ(fields_of(trace), "events found order orderId payment sagas summary");
  EXPECT_EQ(fields_of(at(trace, "/order")), "createdAt id items paymentId status totalAmount updatedAt userId");
  EXPECT_EQ(fields_of(at(trace, "/sagas/0")),
            "compensationSteps completedSteps correlationId currentStep errorMessage id status");
  EXPECT_EQ(fields_of(at(trace, "/events/0")), "aggregateId aggregateType correlationId data eventType timestamp");
  EXPECT_EQ(fields_of(at(trace, "/summary")), "finalStatus hasPayment totalEvents totalSagas");
  EXPECT_EQ(at(trace, "/summary/totalSagas"), 2);
  EXPECT_EQ(at(trace, "/summary/hasPayment"), true);
  EXPECT_EQ(text_at(trace, "/summary/finalStatus/order"), "cancelled");
  EXPECT_EQ(text_at(trace, "/summary/finalStatus/payment"), "refunded");
  EXPECT_EQ(text_at(trace, "/summary/finalStatus/saga"), "completed");
  EXPECT_EQ(at(event_of(at(trace, "/events"), "PaymentRefunded"), "/data/refundAmount"), 10);
  EXPECT_TRUE(ascends(at(trace, "/events")));
}

TEST_F(HttpOldTrace, NothingAndOthersStoriesAreNotFound) {
  const std::string order = place(kim, "A");
  const auto not_found = [](std::string_view name) {
    return fmt::format(R"({{"correlationId":"{}","found":false,"message":"No saga found with this correlation ID"}})",
                       name);
  };
  EXPECT_EQ(kim.get("/trace/correlation/nothing").body, not_found("nothing"));
  EXPECT_EQ(lee.get("/trace/correlation/" + order).body, not_found(order));
  EXPECT_EQ(at(kim.get("/trace/order/nothing").json(), "/found"), false);
  EXPECT_EQ(at(lee.get("/trace/order/" + order).json(), "/found"), false);
  EXPECT_EQ(at(op.get("/trace/order/" + order).json(), "/found"), true);
}

TEST_F(HttpOldTrace, LatestEventsAreNewestFirstAndOnesOwn) {
  const std::string order = place_and_pay("A");
  const auto answer = kim.get("/trace/events").json();
  EXPECT_EQ(fields_of(answer), "events statistics");
  EXPECT_EQ(fields_of(at(answer, "/events/0")),
            "aggregateId aggregateType correlationId data eventType id metadata timestamp");
  EXPECT_EQ(text_at(answer, "/events/0/eventType"), "SagaCompleted");
  EXPECT_EQ(text_at(answer, "/events/0/correlationId"), order);
  EXPECT_TRUE(parse_uuid(text_at(answer, "/events/0/id")).has_value());
  EXPECT_TRUE(at(answer, "/events/0/metadata").is_null());
  EXPECT_EQ(at(answer, "/statistics/totalReturned"), at(answer, "/events").as_array().size());
  EXPECT_EQ(kim.get("/trace/events").body, kim.get("/trace/events").body) << "ids are stable";
  EXPECT_TRUE(at(lee.get("/trace/events").json(), "/events").as_array().empty());
  EXPECT_FALSE(at(op.get("/trace/events").json(), "/events").as_array().empty());
}

TEST_F(HttpOldTrace, LatestEventsCanBeFilteredAndLimited) {
  place_and_pay("A");
  place_and_pay("B");
  for (const Caller& caller : {kim, op}) {
    const auto created = caller.get("/trace/events?eventType=OrderCreated").json();
    EXPECT_EQ(at(created, "/statistics/totalReturned"), 2);
    EXPECT_EQ(at(created, "/statistics/eventTypeDistribution/OrderCreated"), 2);
    EXPECT_EQ(at(caller.get("/trace/events?limit=3").json(), "/events").as_array().size(), 3U);
    EXPECT_EQ(at(caller.get("/trace/events?limit=0").json(), "/events").as_array().size(), 0U);
    EXPECT_EQ(caller.get("/trace/events?limit=100000").status, 200);
    EXPECT_EQ(caller.get("/trace/events?limit=x").status, 400);
    EXPECT_EQ(caller.get("/trace/events?limit=-1").status, 400);
  }
}

TEST_F(HttpOldTrace, AHundredEventsAtMost) {
  for (int i = 0; i < 12; ++i) place_and_pay(fmt::format("P-{}", i));
  EXPECT_EQ(at(op.get("/trace/events?limit=1000").json(), "/events").as_array().size(), 100U);
  EXPECT_EQ(at(kim.get("/trace/events?limit=1000").json(), "/events").as_array().size(), 100U);
  EXPECT_EQ(at(kim.get("/trace/events").json(), "/events").as_array().size(), 50U);
}

TEST_F(HttpOldTrace, LatestEventsAreThoseOfOldOrdersTooWhenTheyCameLast) {
  const std::string oldest = place_and_pay("old");
  for (int i = 0; i < 110; ++i) place_and_pay(fmt::format("P-{}", i));
  ASSERT_EQ(kim.call("DELETE", "/orders/" + oldest).status, 200);
  eventually("the money is back", [&] {
    return at(kim.get("/trace/events?eventType=OrderCancelled").json(), "/statistics/totalReturned") == 1;
  });
  const auto newest = kim.get("/trace/events?limit=1").json();
  EXPECT_EQ(text_at(newest, "/events/0/correlationId"), oldest);
  EXPECT_EQ(newest.as_object().at("events"), op.get("/trace/events?limit=1").json().as_object().at("events"));
  EXPECT_EQ(at(kim.get("/trace/events?limit=100").json(), "/events"),
            at(op.get("/trace/events?limit=100").json(), "/events"));
}

TEST_F(HttpOldTrace, ActiveFlowsShowWhatIsUnderWay) {
  place_and_pay("A");
  harness.gateway.hold();
  const std::string order = place(kim, "B");
  const auto flows = kim.get("/trace/active-flows").json();
  EXPECT_EQ(fields_of(flows), "flows stuckFlows totalActiveFlows");
  EXPECT_EQ(at(flows, "/totalActiveFlows"), 1);
  EXPECT_EQ(at(flows, "/stuckFlows"), 0);
  EXPECT_EQ(fields_of(at(flows, "/flows/0")), "correlationId isStuck order payment recentEvents saga");
  EXPECT_EQ(fields_of(at(flows, "/flows/0/saga")), "completedSteps currentStep duration errorMessage id status");
  EXPECT_EQ(fields_of(at(flows, "/flows/0/order")), "id status totalAmount");
  EXPECT_EQ(fields_of(at(flows, "/flows/0/payment")), "failureReason id status");
  EXPECT_EQ(text_at(flows, "/flows/0/correlationId"), order);
  EXPECT_EQ(at(flows, "/flows/0/recentEvents").as_array().size(), 3U);
  EXPECT_EQ(fields_of(at(flows, "/flows/0/recentEvents/0")), "eventType timestamp");
  EXPECT_EQ(at(lee.get("/trace/active-flows").json(), "/totalActiveFlows"), 0);
  EXPECT_EQ(at(op.get("/trace/active-flows").json(), "/totalActiveFlows"), 1);
}

}  // namespace
}  // namespace edda::http
