#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "http/harness.hpp"

namespace edda::http {
namespace {

class HttpOldOrders : public ApiTest {
 protected:
  Caller kim = harness.sign_up("kim");
  Caller lee = harness.sign_up("lee");
};

constexpr std::string_view order_fields = "createdAt id items shippingAddress status totalAmount updatedAt userId";
constexpr std::string_view absent_order_id = "01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a10";

std::string first_message(const Answer& answer) { return text_at(answer.json(), "/message/0"); }

TEST_F(HttpOldOrders, PlacingAnswersTheOrderWithExactAmounts) {
  const Answer answer = kim.post("/orders", R"({"items":[
      {"productId":"A","productName":"a","quantity":1,"price":0.1},{"productId":"B","productName":"b","quantity":1.5,"price":0.2}],
      "shippingAddress":""})");
  EXPECT_EQ(answer.status, 201) << answer.body;
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), order_fields);
  EXPECT_EQ(text_at(json, "/userId"), kim.user());
  EXPECT_EQ(text_at(json, "/status"), "pending");
  EXPECT_NE(answer.body.find(R"("totalAmount":0.4,)"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find(R"("quantity":1.5,"price":0.2)"), std::string::npos) << answer.body;
}

TEST_F(HttpOldOrders, ThePlacedOrderIsPaidSoon) {
  const std::string order = place(kim, "A");
  wait_for_status(kim, order, "paid");
}

TEST_F(HttpOldOrders, TheTestRouteAndNoItemsAreAccepted) {
  const Answer answer = kim.post("/orders/test/create", R"({"items":[],"shippingAddress":"x"})");
  EXPECT_EQ(answer.status, 201) << answer.body;
  EXPECT_NE(answer.body.find(R"("totalAmount":0,)"), std::string::npos) << answer.body;
}

TEST_F(HttpOldOrders, FaultsAreNamedInTheOldWords) {
  const auto refused = [&](std::string_view line, std::string_view rest = "") {
    const Answer answer = kim.post("/orders", fmt::format(R"({{"items":[{}],"shippingAddress":"x"{}}})", line, rest));
    EXPECT_EQ(answer.status, 400) << answer.body;
    return first_message(answer);
  };
  EXPECT_EQ(refused(R"({"productId":"A","productName":"a","quantity":0,"price":1})"),
            "items.0.quantity must not be less than 1");
  EXPECT_EQ(refused(R"({"productId":"A","productName":"a","quantity":1,"price":-1})"),
            "items.0.price must not be less than 0");
  EXPECT_EQ(refused(R"({"productId":"A","productName":"a","quantity":1,"price":1.005})"),
            "items.0.price must be a number conforming to the specified constraints");
  EXPECT_EQ(refused(R"({"productId":"A","productName":"a","quantity":1.0005,"price":1})"),
            "items.0.quantity must be a number conforming to the specified constraints");
  EXPECT_EQ(refused(R"({"productId":7,"productName":"a","quantity":1,"price":1})"),
            "items.0.productId must be a string");
  EXPECT_EQ(refused(R"({"productId":"A","productName":"a","quantity":1,"price":1,"zz":0})"),
            "items.0.property zz should not exist");
  EXPECT_EQ(refused("", R"(,"foo":1)"), "property foo should not exist");
  EXPECT_EQ(refused("7"), "each value in nested property items must be either object or array");
  EXPECT_EQ(first_message(kim.post("/orders", R"({"shippingAddress":"x"})")), "items must be an array");
  EXPECT_EQ(first_message(kim.post("/orders", R"({"items":[]})")), "shippingAddress must be a string");
}

TEST_F(HttpOldOrders, BodiesThatAreNoObjectAreRefused) {
  for (const std::string body : {"[]", "{\"items\":", "null", R"({"items":[],"items":[],"shippingAddress":"x"})"}) {
    const Answer answer = kim.post("/orders", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(fields_of(answer.json()), "error message statusCode") << body;
  }
}

TEST_F(HttpOldOrders, ATotalBeyondAllMoneyIsRefused) {
  const Answer answer = kim.post(
      "/orders",
      R"({"items":[{"productId":"A","productName":"a","quantity":1000000,"price":9999999999999}],"shippingAddress":"x"})");
  EXPECT_EQ(answer.status, 400) << answer.body;
}

TEST_F(HttpOldOrders, TheSameProductsAgainAreADuplicateForEver) {
  const std::string order = place(kim, "A");
  const Answer again = kim.post("/orders", order_body("A", "99"));
  EXPECT_EQ(again.status, 409);
  const auto json = again.json();
  EXPECT_EQ(fields_of(json), "code error existingOrderId idempotencyKey message");
  EXPECT_EQ(text_at(json, "/message"), "Order with this product combination already exists");
  EXPECT_EQ(text_at(json, "/error"), "DUPLICATE_ORDER");
  EXPECT_EQ(text_at(json, "/code"), "ORDER_ALREADY_EXISTS");
  EXPECT_EQ(text_at(json, "/existingOrderId"), order);
  EXPECT_EQ(text_at(json, "/idempotencyKey").size(), 64U);

  EXPECT_EQ(kim.call("DELETE", "/orders/" + order).status, 200);
  EXPECT_EQ(kim.post("/orders", order_body("A")).status, 409);
}

TEST_F(HttpOldOrders, TheHoldersIdIsShownToItsOwnerAlone) {
  place(kim, "A");
  const Answer answer = lee.post("/orders", order_body("A"));
  EXPECT_EQ(answer.status, 409);
  EXPECT_TRUE(at(answer.json(), "/existingOrderId").is_null());
}

TEST_F(HttpOldOrders, AKeyOfTheClientReplacesTheProducts) {
  const auto with_key = [&](std::string_view product, std::string_view key) {
    std::string body = order_body(product);
    body.insert(1, fmt::format(R"("idempotencyKey":{},)", key));
    return kim.post("/orders", body);
  };
  EXPECT_EQ(with_key("A", R"("k-1")").status, 201);
  EXPECT_EQ(with_key("A", R"("k-2")").status, 201);
  const Answer again = with_key("B", R"("k-1")");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(text_at(again.json(), "/idempotencyKey"), "k-1");
  EXPECT_EQ(with_key("C", "null").status, 201);
  EXPECT_EQ(with_key("C", R"("")").status, 409);
}

TEST_F(HttpOldOrders, ADuplicateIsAProblemWhereAskedFor) {
  place(kim, "A");
  const Answer answer = kim.post("/orders", order_body("A"), {"Accept: application/problem+json"});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(text_at(answer.json(), "/code"), "duplicate_order");
}

TEST_F(HttpOldOrders, OneOrderIsShownToItsOwnerAndTheStaff) {
  const std::string order = place(kim, "A");
  const Answer own = kim.get("/orders/" + order);
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(fields_of(own.json()), order_fields);
  EXPECT_EQ(lee.get("/orders/" + order).body, R"({"message":"Access denied","error":"Forbidden","statusCode":403})");
  EXPECT_EQ(harness.sign_up("op", Role::operator_).get("/orders/" + order).status, 200);
  EXPECT_EQ(harness.nobody().get("/orders/" + order).status, 401);
  EXPECT_EQ(kim.get(fmt::format("/orders/{}", absent_order_id)).body,
            R"({"message":"Order not found","error":"Not Found","statusCode":404})");
  EXPECT_EQ(kim.get("/orders/17").body,
            R"-({"message":"Validation failed (uuid is expected)","error":"Bad Request","statusCode":400})-");
}

TEST_F(HttpOldOrders, TheListIsOnesOwnNewestFirst) {
  const std::string first = place(kim, "A");
  const std::string second = place(kim, "B");
  place(lee, "C");
  const auto page = kim.get("/orders").json();
  EXPECT_EQ(fields_of(page), "limit orders page total totalPages");
  EXPECT_EQ(text_at(page, "/orders/0/id"), second);
  EXPECT_EQ(text_at(page, "/orders/1/id"), first);
  EXPECT_EQ(at(page, "/total"), 2);
  EXPECT_EQ(at(page, "/page"), 1);
  EXPECT_EQ(at(page, "/limit"), 10);
  EXPECT_EQ(at(page, "/totalPages"), 1);
  const auto last = kim.get("/orders?page=2&limit=1").json();
  EXPECT_EQ(text_at(last, "/orders/0/id"), first);
  EXPECT_EQ(at(last, "/totalPages"), 2);
}

TEST_F(HttpOldOrders, TheListKnowsItsBounds) {
  place(kim, "A");
  const auto none = kim.get("/orders?limit=0").json();
  EXPECT_TRUE(at(none, "/orders").as_array().empty());
  EXPECT_TRUE(at(none, "/totalPages").is_null());
  EXPECT_EQ(at(none, "/total"), 1);
  EXPECT_EQ(at(kim.get("/orders?limit=5000").json(), "/limit"), 1000);
  EXPECT_EQ(text_at(kim.get("/orders?page=x").json(), "/message"), "Validation failed (numeric string is expected)");
  for (const std::string query :
       {"page=0", "page=-1", "limit=-1", "page=", "page=99999999999999999999", "limit=1.5", "status=zz"}) {
    EXPECT_EQ(kim.get("/orders?" + query).status, 400) << query;
  }
}

TEST_F(HttpOldOrders, TheListFiltersByTheOldStates) {
  const std::string paid = place(kim, "A");
  wait_for_status(kim, paid, "paid");
  decline_next_charge();
  const std::string declined = place(kim, "PAYMENT_FAIL");
  wait_for_status(kim, declined, "cancelled");
  EXPECT_EQ(text_at(kim.get("/orders?status=paid").json(), "/orders/0/id"), paid);
  EXPECT_EQ(text_at(kim.get("/orders?status=cancelled").json(), "/orders/0/id"), declined);
  EXPECT_EQ(at(kim.get("/orders?status=").json(), "/total"), 2);
  EXPECT_EQ(at(kim.get("/orders?status=processing").json(), "/total"), 0);
  EXPECT_EQ(at(kim.get("/orders?status=failed").json(), "/total"), 0);
}

TEST_F(HttpOldOrders, CancellingAPaidOrderShowsAtOnce) {
  const std::string order = place(kim, "A");
  wait_for_status(kim, order, "paid");
  harness.gateway.hold();
  const Answer answer = kim.call("DELETE", "/orders/" + order, R"({"reason":"too late","more":1})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, fmt::format(R"({{"message":"주문이 취소되었습니다.","orderId":"{}"}})", order));
  EXPECT_EQ(text_at(kim.get("/orders/" + order).json(), "/status"), "cancelled");
  EXPECT_EQ(at(kim.get("/orders?status=cancelled").json(), "/total"), 1);
  EXPECT_EQ(kim.call("DELETE", "/orders/" + order).status, 200) << "while the refund runs";
  harness.gateway.release();
  eventually("the payment is refunded",
             [&] { return text_at(kim.get("/trace/order/" + order).json(), "/payment/status") == "refunded"; });
  EXPECT_EQ(kim.call("DELETE", "/orders/" + order).status, 200) << "after it";
}

TEST_F(HttpOldOrders, CancellingIsForTheOwnerAndTheAdmin) {
  const std::string order = place(kim, "A");
  EXPECT_EQ(lee.call("DELETE", "/orders/" + order).body,
            R"({"message":"Order not found","error":"Not Found","statusCode":404})");
  EXPECT_EQ(harness.sign_up("op", Role::operator_).call("DELETE", "/orders/" + order).status, 404);
  EXPECT_EQ(kim.call("DELETE", fmt::format("/orders/{}", absent_order_id)).status, 404);
  EXPECT_EQ(kim.call("DELETE", "/orders/17").status, 400);
  EXPECT_EQ(kim.call("DELETE", "/orders/" + order, R"({"reason":7})").status, 400);
  EXPECT_EQ(harness.nobody().call("DELETE", "/orders/" + order).status, 401);
  EXPECT_EQ(harness.sign_up("root", Role::admin).call("DELETE", "/orders/" + order).status, 200);
}

TEST_F(HttpOldOrders, ADeliveredOrderCannotBeCancelled) {
  const std::string order = place(kim, "A");
  wait_for_status(kim, order, "paid");
  const OrderId id = *parse_id<OrderId>(order);
  ASSERT_TRUE(harness.run(harness.orders.ship(id, std::nullopt, std::nullopt, harness.deadline())));
  ASSERT_TRUE(harness.run(harness.orders.deliver(id, std::nullopt, std::nullopt, harness.deadline())));
  EXPECT_EQ(kim.call("DELETE", "/orders/" + order).body,
            R"({"message":"Cannot cancel delivered order","error":"Conflict","statusCode":409})");
}

TEST_F(HttpOldOrders, ConfirmingTellsWhetherThePaymentIsThere) {
  harness.gateway.hold();
  const std::string order = place(kim, "A");
  const std::string path = "/orders/" + order + "/confirm";
  const std::string payment = text_at(kim.get("/trace/order/" + order).json(), "/payment/id");
  const std::string body = fmt::format(R"({{"paymentId":"{}","more":1}})", payment);
  EXPECT_EQ(kim.call("PUT", path, body).status, 409);
  harness.gateway.release();
  wait_for_status(kim, order, "paid");
  const Answer confirmed = kim.call("PUT", path, body);
  EXPECT_EQ(confirmed.status, 200);
  EXPECT_EQ(confirmed.body,
            fmt::format(R"({{"message":"주문이 확인되었습니다.","orderId":"{}","paymentId":"{}"}})", order, payment));
  EXPECT_EQ(kim.call("PUT", path, fmt::format(R"({{"paymentId":"{}"}})", absent_order_id)).status, 409);
  EXPECT_EQ(kim.call("PUT", path, "{}").status, 409);
  EXPECT_EQ(kim.call("PUT", path, R"({"paymentId":7})").status, 400);
  EXPECT_EQ(lee.call("PUT", path, body).status, 404);
  EXPECT_EQ(kim.call("PUT", fmt::format("/orders/{}/confirm", absent_order_id), body).status, 404);
}

TEST(HttpOldDuplicates, AKeyPolicyLetsTheSameProductsBeOrderedAgain) {
  ApiSettings settings;
  settings.old_duplicates = Duplicates::key;
  Harness harness(settings);
  const Caller kim = harness.sign_up("kim");
  constexpr std::string_view body =
      R"({"items":[{"productId":"A","productName":"a","quantity":1,"price":500}],"shippingAddress":"x"})";
  EXPECT_EQ(kim.post("/orders", body).status, 201);
  EXPECT_EQ(kim.post("/orders", body).status, 201);
}

TEST(HttpOldCurrency, WonHaveNoDecimals) {
  ApiSettings settings;
  settings.currency = *parse_currency("KRW");
  Harness harness(settings);
  const Caller kim = harness.sign_up("kim");
  const auto post = [&](std::string_view price) {
    return kim.post("/orders",
                    fmt::format(R"({{"items":[{{"productId":"A","productName":"a","quantity":1,"price":{}}}],)"
                                R"("shippingAddress":"x"}})",
                                price));
  };
  EXPECT_EQ(post("0.5").status, 400);
  EXPECT_NE(post("5e2").body.find(R"("totalAmount":500,)"), std::string::npos);
}

}  // namespace
}  // namespace edda::http
