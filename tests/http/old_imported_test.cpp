// What was imported shows the ids that the replaced system gave it, wherever its clients look.
#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/uuid_v5.hpp"
#include "http/harness.hpp"
#include "maintenance/import_story.hpp"

namespace edda::http {
namespace {

using testing::HasSubstr;
using testing::Not;

class HttpOldImported : public ApiTest {
 protected:
  static Uuid old_id(std::string_view name) {
    Uuid id = uuid_v5({}, name);
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);
    return id;
  }
  /// Brings an order over, as the import does.
  void import(const std::string& status, const std::string& payment, const std::string& saga) {
    replaced::OrderRecord record{.id = OrderId{order}, .user = *parse_id<UserId>(kim.user()), .total = "10.00", .status = status,
                                 .items = R"([{"price": 10, "quantity": 1, "productId": "X", "productName": "n"}])",
                                 .shipping_address = "Seoul", .idempotency_key = "old-key", .cancel_reason = {},
                                 .created_at = harness.clock.now(), .updated_at = harness.clock.now(), .payments = {}, .sagas = {}};
    record.payments = {{old_payment, "10.00", payment, payment == "completed" ? "ext_tx_1" : "", ""}};
    record.sagas = {{old_saga, "OrderProcessingSaga", saga, "payment_processing", ""}};
    auto told = maintenance::import_order(record, Currency{}, harness.store.info().shards);
    ASSERT_TRUE(told.beginning && told.end);
    new_payment = to_string(told.state.payment.id);
    new_saga = to_string(told.state.order.saga);
    for (Turn* turn : {&*told.beginning, &*told.end}) {
      turn->epoch = Epoch{1};  // the harness serves already
      const auto stored = harness.run(harness.store.append({*turn}, harness.deadline()));
      ASSERT_TRUE(stored && std::holds_alternative<Appended>(stored->front()));
    }
  }
  /// What the route says names neither of the new ids.
  boost::json::value shown(const Caller& caller, const std::string& target) {
    const Answer answer = caller.get(target);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_THAT(answer.body, Not(HasSubstr(new_payment))) << target;
    EXPECT_THAT(answer.body, Not(HasSubstr(new_saga))) << target;
    return answer.json();
  }

  Caller kim = harness.sign_up("kim");
  Caller op = harness.sign_up("op", Role::operator_);
  const Uuid order = old_id("order");
  const Uuid old_payment = old_id("payment");
  const Uuid old_saga = old_id("saga");
  const std::string payment_text = to_string(old_payment);
  const std::string saga_text = to_string(old_saga);
  std::string new_payment;
  std::string new_saga;
};

TEST_F(HttpOldImported, SagasAreShownUnderTheirOldIds) {
  import("paid", "completed", "completed");
  EXPECT_EQ(text_at(shown(kim, "/sagas"), "/sagas/0/id"), saga_text);
  EXPECT_EQ(text_at(shown(kim, "/sagas/status/completed"), "/sagas/0/id"), saga_text);
  EXPECT_EQ(text_at(shown(kim, "/sagas/orders/processing"), "/sagas/0/id"), saga_text);
  EXPECT_EQ(text_at(shown(kim, "/sagas/" + saga_text), "/id"), saga_text);
  EXPECT_EQ(text_at(shown(kim, "/sagas/" + new_saga), "/id"), saga_text);
  EXPECT_EQ(text_at(shown(kim, "/sagas/correlation/" + to_string(order)), "/id"), saga_text);
  EXPECT_EQ(text_at(shown(kim, "/sagas/correlation/old-key"), "/id"), saga_text);
}

TEST_F(HttpOldImported, TracesShowTheOldIds) {
  import("paid", "completed", "completed");
  const auto trace = shown(kim, "/trace/correlation/old-key");
  EXPECT_EQ(text_at(trace, "/saga/id"), saga_text);
  EXPECT_EQ(text_at(trace, "/payment/id"), payment_text);
  EXPECT_EQ(text_at(trace, "/order/paymentId"), payment_text);
  EXPECT_EQ(at(trace, "/summary/isSuccessful"), true);
  const auto story = shown(kim, "/trace/order/" + to_string(order));
  EXPECT_EQ(text_at(story, "/order/paymentId"), payment_text);
  EXPECT_EQ(text_at(story, "/sagas/0/id"), saga_text);
  EXPECT_EQ(text_at(story, "/summary/finalStatus/saga"), "completed");
  const auto processed = shown(op, "/trace/events?eventType=PaymentProcessed");
  EXPECT_EQ(text_at(processed, "/events/0/aggregateId"), payment_text);
  EXPECT_EQ(text_at(processed, "/events/0/data/paymentId"), payment_text);
  EXPECT_EQ(text_at(shown(op, "/trace/events?eventType=OrderConfirmed"), "/events/0/data/paymentId"), payment_text);
  shown(op, "/trace/events?limit=100");
}

TEST_F(HttpOldImported, WhatWaitsIsShownUnderItsOldIds) {
  import("pending", "processing", "started");
  const auto pending = shown(op, "/saga/maintenance/pending-orders");
  EXPECT_EQ(text_at(pending, "/orders/0/saga/id"), saga_text);
  EXPECT_EQ(text_at(pending, "/orders/0/payment/id"), payment_text);
  EXPECT_EQ(text_at(shown(op, "/sagas/status/failed"), "/sagas/0/id"), saga_text);
}

TEST_F(HttpOldImported, ActionsTakeAndShowTheOldId) {
  import("pending", "completed", "started");
  const Answer answer = op.post("/saga/retry/" + saga_text, R"({"reason": "looked it up"})");
  EXPECT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(text_at(answer.json(), "/sagaId"), saga_text);
  EXPECT_EQ(text_at(kim.get("/orders/" + to_string(order)).json(), "/status"), "paid");
}

TEST_F(HttpOldImported, AConfirmTakesTheOldPaymentId) {
  import("paid", "completed", "completed");
  const std::string target = "/orders/" + to_string(order) + "/confirm";
  EXPECT_EQ(kim.call("PUT", target, R"({"paymentId": ")" + payment_text + "\"}").status, 200);
  EXPECT_EQ(kim.call("PUT", target, R"({"paymentId": ")" + saga_text + "\"}").status, 409);
}

TEST_F(HttpOldImported, OthersFindNothingByTheOldIds) {
  import("paid", "completed", "completed");
  const Caller lee = harness.sign_up("lee");
  EXPECT_EQ(text_at(lee.get("/sagas/" + saga_text).json(), "/message"), "Saga not found");
}

}  // namespace
}  // namespace edda::http
