#include <gtest/gtest.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Products : public V1Test {
 protected:
  Answer create(const Caller& caller, std::string_view id, int on_hand = 10) {
    return caller.post("/v1/products", fmt::format(R"({{"id":"{}","name":"The Prose Edda","on_hand":{}}})", id, on_hand));
  }
  Answer adjust(const Caller& caller, std::string_view id, int quantity, std::string_view with_key) {
    return caller.post(fmt::format("/v1/products/{}/stock", id), fmt::format(R"({{"quantity":{},"reason":"counted"}})", quantity),
                       {key(with_key)});
  }
  static std::int64_t number(const Answer& answer, std::string_view pointer) {
    return at(answer.json(), pointer).as_int64();
  }
  Caller other_merchant = harness.sign_up("other-shop", Role::merchant);
};

TEST_F(HttpV1Products, AMerchantRegistersOne) {
  const Answer created = create(merchant, "BOOK 1/a");
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(text_at(created.json(), "/id"), "BOOK 1/a");
  EXPECT_EQ(number(created, "/on_hand"), 10);
  EXPECT_EQ(number(created, "/available"), 10);
  EXPECT_EQ(number(created, "/held"), 0);
  EXPECT_TRUE(at(created.json(), "/tracked").as_bool());
  EXPECT_EQ(created.header("ETag"), etag_of(created.json()));
  const Answer read = kim.get("/v1/products/BOOK%201%2Fa");
  EXPECT_EQ(read.json(), created.json());
  EXPECT_EQ(kim.get("/v1/products/BOOK%201%2Fa", {"If-None-Match: " + read.header("ETag")}).status, 304);
  EXPECT_EQ(problem_code(create(other_merchant, "BOOK 1/a"), 409), "already_exists");
}

TEST_F(HttpV1Products, ARepetitionUnderItsKeyIsTheStoredAnswer) {
  const std::string body = R"({"id":"BOOK-2","name":"Njal","on_hand":3})";
  const Answer first = merchant.post("/v1/products", body, {key("p-1")});
  adjust(merchant, "BOOK-2", 5, "s-1");
  const Answer again = merchant.post("/v1/products", body, {key("p-1")});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.json(), first.json());
  EXPECT_EQ(problem_code(merchant.post("/v1/products", R"({"id":"BOOK-3","name":"Njal"})", {key("p-1")}), 422),
            "idempotency_key_reused");
}

TEST_F(HttpV1Products, SaysWhatIsWrongWithANewOne) {
  for (const auto* body : {R"({})", R"({"id":"","name":"x"})", R"({"id":"a","name":"x","tracked":"yes"})",
                           R"({"id":"a","name":"x","colour":"red"})", R"({"id":"a","name":"x","on_hand":1.5})", R"([])"})
    EXPECT_EQ(merchant.post("/v1/products", body).status, 400) << body;
  EXPECT_EQ(merchant.post("/v1/products", R"({"id":"a","name":"x","on_hand":-1})").status, 422);
}

TEST_F(HttpV1Products, StockIsAddedAndTakenWithinWhatIsAvailable) {
  create(merchant, "BOOK-4");
  const Answer added = adjust(merchant, "BOOK-4", 5, "s-1");
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(number(added, "/quantity"), 5);
  EXPECT_EQ(number(added, "/available"), 15);
  EXPECT_EQ(text_at(added.json(), "/reason"), "counted");
  const Answer again = adjust(merchant, "BOOK-4", 5, "s-1");
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.json(), added.json());
  EXPECT_EQ(number(adjust(admin, "BOOK-4", -15, "s-2"), "/available"), 0);
  EXPECT_EQ(problem_code(adjust(merchant, "BOOK-4", -1, "s-3"), 409), "insufficient_stock");
  EXPECT_EQ(adjust(merchant, "BOOK-4", 0, "s-4").status, 422);
  EXPECT_EQ(problem_code(merchant.post("/v1/products/BOOK-4/stock", R"({"quantity":1})"), 400), "idempotency_key_required");
  EXPECT_EQ(number(kim.get("/v1/products/BOOK-4"), "/on_hand"), 0);
}

TEST_F(HttpV1Products, IsChangedWhereItStandsAsRead) {
  const Answer created = create(merchant, "BOOK-5");
  const std::string path = "/v1/products/BOOK-5";
  const Answer renamed = merchant.call("PATCH", path, R"({"name":"Egil"})", {"If-Match: " + created.header("ETag")});
  ASSERT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_EQ(text_at(renamed.json(), "/name"), "Egil");
  EXPECT_EQ(merchant.call("PATCH", path, R"({"name":"Grettir"})", {"If-Match: " + created.header("ETag")}).status, 412);
  EXPECT_FALSE(at(merchant.call("PATCH", path, R"({"tracked":false})").json(), "/tracked").as_bool());
  EXPECT_EQ(merchant.call("PATCH", path, R"({})").status, 400);
  EXPECT_EQ(merchant.call("PATCH", "/v1/products/none", R"({"name":"x"})").status, 404);
}

TEST_F(HttpV1Products, OnlyItsMerchantAndAnAdminChangeIt) {
  create(merchant, "BOOK-6");
  const std::string path = "/v1/products/BOOK-6";
  for (const Caller& caller : {kim, operator_, other_merchant}) {
    EXPECT_EQ(caller.call("PATCH", path, R"({"name":"x"})").status, 403);
    EXPECT_EQ(adjust(caller, "BOOK-6", 1, "k").status, 403);
    EXPECT_EQ(caller.get(path).status, 200);
    EXPECT_EQ(caller.get("/v1/products").status, 200);
  }
  EXPECT_EQ(create(kim, "BOOK-7").status, 403);
  EXPECT_EQ(create(operator_, "BOOK-7").status, 403);
  EXPECT_EQ(admin.call("PATCH", path, R"({"name":"x"})").status, 200);
  const Caller nobody(harness);
  for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
           {"GET", "/v1/products"}, {"POST", "/v1/products"}, {"GET", path}, {"PATCH", path}, {"POST", path + "/stock"}})
    EXPECT_EQ(nobody.call(method, target, method == "GET" ? "" : "{}").status, 401) << method << target;
}

TEST_F(HttpV1Products, AreListedNewestFirstAndFiltered) {
  create(merchant, "A-1");
  create(other_merchant, "A-2");
  create(merchant, "A-3");
  merchant.call("PATCH", "/v1/products/A-1", R"({"tracked":false})");
  const auto ids = [&](const std::string& query) {
    std::string text;
    for (const auto& product : kim.get("/v1/products" + query).json().at("products").as_array())
      text += text_at(product, "/id") + " ";
    return text;
  };
  EXPECT_EQ(ids(""), "A-3 A-2 A-1 ");
  EXPECT_EQ(ids("?tracked=false"), "A-1 ");
  const std::string merchant_id = text_at(kim.get("/v1/products/A-1").json(), "/merchant_id");
  EXPECT_EQ(ids("?merchant_id=" + merchant_id), "A-3 A-1 ");
  const auto page = kim.get("/v1/products?limit=2").json();
  EXPECT_TRUE(page.at("has_more").as_bool());
  EXPECT_EQ(ids("?limit=2&cursor=" + text_at(page, "/next_cursor")), "A-1 ");
  EXPECT_EQ(kim.get("/v1/products?tracked=maybe").status, 400);
  EXPECT_EQ(kim.get("/v1/products?merchant_id=me").status, 400);
  EXPECT_EQ(kim.get("/v1/products/none").status, 404);
}

TEST_F(HttpV1Products, ItsStreamIsItsMerchantsAndTheirsWhoSeeAll) {
  create(merchant, "BOOK-8");
  const auto events = admin.get("/v1/events?type=ProductCreated").json();
  const auto& event = events.at("events").as_array().front();
  EXPECT_EQ(text_at(event, "/stream_type"), "product");
  const std::string path = "/v1/streams/" + text_at(event, "/stream_id");
  EXPECT_EQ(merchant.get(path).status, 200);
  EXPECT_EQ(operator_.get(path).status, 200);
  EXPECT_EQ(kim.get(path).status, 404);
  EXPECT_EQ(other_merchant.get(path).status, 404);
  EXPECT_EQ(kim.get("/v1/events?type=ProductCreated").json().at("events").as_array().size(), 0U);
}

class HttpV1Stock : public HttpV1Products {
 protected:
  std::int64_t product_number(std::string_view id, std::string_view what) {
    return number(kim.get(fmt::format("/v1/products/{}", id)), what);
  }
  std::string cancelled_reason(const boost::json::value& order) {
    const auto events = kim.get("/v1/orders/" + text_at(order, "/id") + "/events").json();
    for (const auto& event : events.at("events").as_array())
      if (text_at(event, "/type") == "OrderCancelled") return text_at(event, "/data/reason");
    return {};
  }
};

TEST_F(HttpV1Stock, AnOrderHoldsWhatItBuys) {
  create(merchant, "LAMP", 10);
  const auto order = place_paid(kim, "LAMP");
  EXPECT_EQ(text_at(order, "/status"), "paid");
  EXPECT_EQ(product_number("LAMP", "/available"), 8);
  EXPECT_EQ(product_number("LAMP", "/held"), 2);
  const auto saga = kim.get("/v1/sagas/" + text_at(order, "/saga_id")).json();
  EXPECT_EQ(text_at(saga, "/completed_steps/0"), "stock_reservation");
}

TEST_F(HttpV1Stock, AnOrderOfMoreThanThereIsIsCancelledAndSaysWhy) {
  create(merchant, "RARE", 1);
  const auto order = place(kim, "RARE");
  wait_for(kim, "/v1/orders/" + text_at(order, "/id"), "/status", "cancelled");
  EXPECT_EQ(cancelled_reason(order), "Not enough stock of RARE: 2 wanted, 1 available");
  EXPECT_EQ(product_number("RARE", "/available"), 1);
  // Existing clients see it in the shapes they know.
  const auto old = kim.get("/orders/" + text_at(order, "/id"));
  EXPECT_EQ(old.status, 200);
  EXPECT_EQ(text_at(old.json(), "/status"), "cancelled");
  const auto trace = kim.get("/trace/order/" + text_at(order, "/id"));
  ASSERT_EQ(trace.status, 200) << trace.body;
  EXPECT_EQ(text_at(trace.json(), "/summary/finalStatus/saga"), "compensated");
}

TEST_F(HttpV1Stock, ADeclinedChargeGivesTheStockBack) {
  create(merchant, "LAMP-2", 10);
  harness.gateway.answer_next(memory::ScriptedGateway::Kind::charge, {saga::Outcome::declined, "", "no funds"});
  const auto order = place(kim, "LAMP-2");
  wait_for(kim, "/v1/sagas/" + text_at(order, "/saga_id"), "/state", "compensated");
  EXPECT_EQ(product_number("LAMP-2", "/available"), 10);
  EXPECT_EQ(product_number("LAMP-2", "/held"), 0);
}

TEST_F(HttpV1Stock, CancellingAPaidOrderGivesTheStockBack) {
  create(merchant, "LAMP-3", 10);
  const auto order = place_paid(kim, "LAMP-3");
  EXPECT_EQ(product_number("LAMP-3", "/held"), 2);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  EXPECT_EQ(kim.post(path + "/cancel", "{}", {"If-Match: *"}).status, 202);
  wait_for(kim, path, "/status", "cancelled");
  EXPECT_EQ(product_number("LAMP-3", "/available"), 10);
}

TEST_F(HttpV1Stock, ItsMerchantShipsDeliversAndRefundsOrdersOfIt) {
  create(merchant, "LAMP-5", 10);
  const std::string path = "/v1/orders/" + text_at(place_paid(kim, "LAMP-5"), "/id");
  EXPECT_EQ(other_merchant.post(path + "/ship").status, 404);
  EXPECT_EQ(merchant.post(path + "/ship").status, 200);
  EXPECT_EQ(merchant.post(path + "/deliver").status, 200);
  EXPECT_EQ(merchant.post(path + "/refunds", R"({"amount":{"amount":100,"currency":"USD"},"reason":"scratch"})").status, 202);
  const std::string others = "/v1/orders/" + text_at(place_paid(kim, "NEVER-REGISTERED"), "/id");
  EXPECT_EQ(merchant.post(others + "/ship").status, 404);
}

TEST_F(HttpV1Stock, WhatIsNotTrackedIsNotReserved) {
  create(merchant, "LAMP-4", 1);
  merchant.call("PATCH", "/v1/products/LAMP-4", R"({"tracked":false})");
  for (const auto* product : {"LAMP-4", "NEVER-REGISTERED"}) {
    const auto saga = kim.get("/v1/sagas/" + text_at(place_paid(kim, product), "/saga_id")).json();
    EXPECT_EQ(text_at(saga, "/completed_steps/0"), "payment_processing");
  }
  EXPECT_EQ(product_number("LAMP-4", "/available"), 1);
}

}  // namespace
}  // namespace edda::http
