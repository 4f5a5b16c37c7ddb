#include <fmt/format.h>

#include <future>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Orders : public V1Test {};

constexpr std::string_view shown_fields =
    "created_at id items payment_id refunded saga_id shipping_address status total updated_at user_id version";

TEST_F(HttpV1Orders, PlacingAnswersTheOrderItsPlaceAndItsVersion) {
  const Answer answer = kim.post("/v1/orders", order_body(), {key("k1")});
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto order = answer.json();
  EXPECT_EQ(fields_of(order), shown_fields);
  EXPECT_EQ(answer.header("Location"), "/v1/orders/" + text_at(order, "/id"));
  EXPECT_EQ(answer.header("ETag"), "\"1\"");
  EXPECT_EQ(answer.header("Idempotent-Replayed"), "");
  EXPECT_EQ(text_at(order, "/status"), "pending");
  EXPECT_EQ(text_at(order, "/user_id"), kim.user());
  EXPECT_EQ(at(order, "/total/amount"), 3998);
  EXPECT_EQ(at(order, "/refunded/amount"), 0);
  EXPECT_EQ(at(order, "/items/0/quantity"), 2);
  wait_for(kim, "/v1/orders/" + text_at(order, "/id"), "/status", "paid");
}

TEST_F(HttpV1Orders, TheSameKeyAndBodyGiveTheStoredAnswerByteForByte) {
  const Answer first = kim.post("/v1/orders", order_body(), {key("k1")});
  wait_for(kim, first.header("Location"), "/status", "paid");
  const Answer again = kim.post("/v1/orders", order_body(), {key("k1")});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("ETag"), first.header("ETag"));
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

TEST_F(HttpV1Orders, AKeyBelongsToItsRequestAndItsCaller) {
  const Answer first = kim.post("/v1/orders", order_body("A"), {key("k1")});
  EXPECT_EQ(problem_code(kim.post("/v1/orders", order_body("B"), {key("k1")}), 422), "idempotency_key_reused");
  const Answer other = lee.post("/v1/orders", order_body("A"), {key("k1")});
  EXPECT_EQ(other.status, 201);
  EXPECT_NE(text_at(other.json(), "/id"), text_at(first.json(), "/id"));
}

TEST_F(HttpV1Orders, AKeyIsNeededAndBounded) {
  EXPECT_EQ(problem_code(kim.post("/v1/orders", order_body()), 400), "idempotency_key_required");
  EXPECT_EQ(problem_code(kim.post("/v1/orders", order_body(), {key(std::string(256, 'x'))}), 400), "idempotency_key_invalid");
  EXPECT_EQ(problem_code(kim.post("/v1/orders", order_body(), {"Idempotency-Key: a b"}), 400), "idempotency_key_invalid");
  EXPECT_EQ(kim.post("/v1/orders", order_body(), {key(std::string(255, 'x'))}).status, 201);
}

TEST_F(HttpV1Orders, ARefusalIsNotStored) {
  problem_code(kim.post("/v1/orders", R"({"items":[],"shipping_address":"x"})", {key("k1")}), 400);
  EXPECT_EQ(kim.post("/v1/orders", order_body(), {key("k1")}).status, 201);
}

TEST_F(HttpV1Orders, TenAtOnceUnderOneKeyMakeOneOrder) {
  std::vector<std::future<Answer>> calls;
  for (int i = 0; i < 10; ++i) {
    calls.push_back(std::async(std::launch::async, [this] { return kim.post("/v1/orders", order_body(), {key("same")}); }));
  }
  std::vector<std::string> bodies;
  int fresh = 0;
  for (auto& call : calls) {
    const Answer answer = call.get();
    EXPECT_EQ(answer.status, 201) << answer.body;
    fresh += answer.header("Idempotent-Replayed").empty() ? 1 : 0;
    bodies.push_back(answer.body);
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(std::ranges::count(bodies, bodies.front()), 10);
  EXPECT_EQ(at(kim.get("/v1/orders").json(), "/orders").as_array().size(), 1U);
}


TEST_F(HttpV1Orders, EveryFaultIsPointedAt) {
  constexpr std::string_view good_line = R"({"product_id":"A","product_name":"a","quantity":1,"price":{"amount":1,"currency":"USD"}})";
  const auto line = [](std::string_view id, std::string_view quantity, std::string_view amount, std::string_view currency) {
    return fmt::format(R"({{"product_id":{},"product_name":"a","quantity":{},"price":{{"amount":{},"currency":"{}"}}}})", id,
                       quantity, amount, currency);
  };
  const auto refuses = [&](const std::string& items, int status, std::string_view pointer, std::string_view rest = "") {
    const auto body = fmt::format(R"({{"items":[{}],"shipping_address":"x"{}}})", items, rest);
    const Answer answer = kim.post("/v1/orders", body, {key("fault")});
    problem_code(answer, status);
    EXPECT_EQ(text_at(answer.json(), "/errors/0/pointer"), pointer) << answer.body;
  };
  refuses("", 400, "/items");
  refuses("7", 400, "/items/0");
  refuses(std::string(good_line), 400, "/status", R"(,"status":"paid")");
  refuses(line("7", "1", "1", "USD"), 400, "/items/0/product_id");
  refuses(line(R"("")", "1", "1", "USD"), 400, "/items/0/product_id");
  refuses(line(R"("a\u202eb")", "1", "1", "USD"), 400, "/items/0/product_id");
  refuses(line(R"("A")", "1.5", "1", "USD"), 400, "/items/0/quantity");
  refuses(line(R"("A")", "\"2\"", "1", "USD"), 400, "/items/0/quantity");
  refuses(line(R"("A")", "1", "19.99", "USD"), 400, "/items/0/price/amount");
  refuses(line(R"("A")", "1", "1e2", "USD"), 400, "/items/0/price/amount");
  refuses(line(R"("A")", "1", "1", "usd"), 400, "/items/0/price/currency");
  refuses(line(R"("A")", "0", "1", "USD"), 422, "/items/0/quantity");
  refuses(line(R"("A")", "2000000", "1", "USD"), 422, "/items/0/quantity");
  refuses(line(R"("A")", "1", "-1", "USD"), 422, "/items/0/price/amount");
  refuses(line(R"("A")", "1000000", "1000000000000000", "USD"), 422, "/items/0");
  refuses(fmt::format("{},{}", good_line, line(R"("A")", "1", "1", "EUR")), 422, "/items/1/price/currency");
}

TEST_F(HttpV1Orders, AnotherUsersOrderDoesNotExist) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  const std::string absent = fmt::format("/v1/orders/{}", absent_uuid);
  for (const Caller& caller : {lee, merchant}) {
    const Answer seen = caller.get(path);
    problem_code(seen, 404);
    EXPECT_EQ(text_at(seen.json(), "/detail"), text_at(caller.get(absent).json(), "/detail"));
    problem_code(caller.post(path + "/cancel", "", {"If-Match: *"}), 404);
  }
  EXPECT_EQ(at(lee.get("/v1/orders").json(), "/orders").as_array().size(), 0U);
  for (const Caller& caller : {admin, operator_}) EXPECT_EQ(caller.get(path).json(), order);
}

TEST_F(HttpV1Orders, NobodyIsAskedToSignIn) {
  for (const auto* path : {"/v1/orders", "/v1/payments", "/v1/sagas", "/v1/events", "/v1/events/stream", "/v1/users", "/v1/config"}) {
    const Answer answer = harness.nobody().get(path);
    problem_code(answer, 401);
    EXPECT_EQ(answer.header("WWW-Authenticate").substr(0, 6), "Bearer");
  }
}

TEST_F(HttpV1Orders, NotModifiedByStrongOrWeakTag) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  const std::string tag = etag_of(order);
  const Answer same = kim.get(path, {"If-None-Match: \"0\", W/" + tag});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), tag);
  EXPECT_EQ(kim.get(path, {"If-None-Match: \"1\""}).status, 200);
  problem_code(kim.get(path, {"If-None-Match: 1"}), 400);
  problem_code(kim.get("/v1/orders/17"), 400);
}

TEST_F(HttpV1Orders, CancellingNeedsTheVersionThatWasRead) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id") + "/cancel";
  EXPECT_EQ(problem_code(kim.post(path, R"({"reason":"x"})"), 428), "precondition_required");
  EXPECT_EQ(problem_code(kim.post(path, "", {"If-Match: \"1\""}), 412), "version_conflict");
  problem_code(kim.post(path, "", {"If-Match: W/" + etag_of(order)}), 412);
  problem_code(kim.post(path, "", {"If-Match: seven"}), 400);
  problem_code(kim.post(path, R"({"why":"x"})", {"If-Match: *"}), 400);
  problem_code(operator_.post(path, "", {"If-Match: *"}), 403);
  const Answer cancelled = kim.post(path, R"({"reason":"x"})", {"If-Match: \"1\", " + etag_of(order)});
  EXPECT_EQ(cancelled.status, 202) << cancelled.body;
  EXPECT_EQ(text_at(cancelled.json(), "/status"), "cancelling");
  EXPECT_EQ(cancelled.header("ETag"), etag_of(cancelled.json()));
}

TEST_F(HttpV1Orders, CancellingIsReplayedUnderItsKeyThoughTheVersionMovedOn) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  const std::vector<std::string> headers{"If-Match: " + etag_of(order), key("cancel")};
  const Answer first = kim.post(path + "/cancel", "", headers);
  ASSERT_EQ(first.status, 202) << first.body;
  wait_for(kim, path, "/status", "cancelled");
  const Answer again = kim.post(path + "/cancel", "", headers);
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(problem_code(kim.post(path + "/cancel", "", {"If-Match: *"}), 409), "already_cancelled");
  EXPECT_EQ(at(kim.get(path).json(), "/refunded/amount"), 3998);
}

TEST_F(HttpV1Orders, ShippingAndDeliveringAreTheAdminsAlone) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  for (const auto* action : {"/ship", "/deliver", "/refunds"}) {
    problem_code(kim.post(path + action), 403);
    problem_code(operator_.post(path + action), 403);
    problem_code(merchant.post(path + action), 404);
  }
  EXPECT_EQ(problem_code(admin.post(path + "/deliver"), 409), "not_shipped");
  problem_code(admin.post(path + "/ship", "", {"If-Match: \"1\""}), 412);
  const Answer shipped = admin.post(path + "/ship", "", {key("ship")});
  ASSERT_EQ(shipped.status, 200) << shipped.body;
  EXPECT_EQ(text_at(shipped.json(), "/status"), "shipped");
  EXPECT_EQ(admin.post(path + "/ship", "", {key("ship")}).body, shipped.body);
  EXPECT_EQ(problem_code(admin.post(path + "/ship"), 409), "not_paid");
  EXPECT_EQ(text_at(admin.post(path + "/deliver").json(), "/status"), "delivered");
  EXPECT_EQ(problem_code(kim.post(path + "/cancel", "", {"If-Match: *"}), 409), "delivered");
}

TEST_F(HttpV1Orders, ARefundIsMadeOnceAndNeverExceedsThePayment) {
  const auto order = place_paid(kim);
  const std::string path = "/v1/orders/" + text_at(order, "/id");
  const auto body = [](std::string_view amount, std::string_view currency = "USD") {
    return fmt::format(R"({{"amount":{{"amount":{},"currency":"{}"}},"reason":"damaged"}})", amount, currency);
  };
  problem_code(admin.post(path + "/refunds", body("0")), 422);
  problem_code(admin.post(path + "/refunds", body("5", "EUR")), 422);
  problem_code(admin.post(path + "/refunds", R"({"amount":{"amount":5,"currency":"USD"}})"), 400);
  EXPECT_EQ(problem_code(admin.post(path + "/refunds", body("3999")), 409), "exceeds_refundable");
  const Answer first = admin.post(path + "/refunds", body("500"), {key("refund")});
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(fields_of(first.json()), "amount order_id refund_id saga_id state");
  const Answer again = admin.post(path + "/refunds", body("500"), {key("refund")});
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(problem_code(admin.post(path + "/refunds", body("600"), {key("refund")}), 422), "idempotency_key_reused");
  wait_for(kim, "/v1/sagas/" + text_at(first.json(), "/saga_id"), "/state", "completed");
  const Answer after = kim.get(path, {"If-None-Match: " + etag_of(order)});
  ASSERT_EQ(after.status, 200) << "the refund shows, though the order's version stands";
  EXPECT_EQ(at(after.json(), "/refunded/amount"), 500);
}

TEST_F(HttpV1Orders, PagesHoldEachOrderOnceNewestFirst) {
  std::vector<std::string> placed;
  for (int i = 0; i < 5; ++i) placed.insert(placed.begin(), text_at(place(kim), "/id"));
  std::vector<std::string> seen;
  std::string path = "/v1/orders?limit=2";
  for (int pages = 0; pages < 4 && !path.empty(); ++pages) {
    const auto page = kim.get(path).json();
    for (const auto& order : at(page, "/orders").as_array()) seen.push_back(text_at(order, "/id"));
    path = at(page, "/has_more").as_bool() ? "/v1/orders?limit=2&cursor=" + text_at(page, "/next_cursor") : "";
  }
  EXPECT_EQ(seen, placed);
}

TEST_F(HttpV1Orders, ForgedAndForeignCursorsAreRefused) {
  for (int i = 0; i < 2; ++i) place_paid(kim);
  const std::string own = text_at(kim.get("/v1/orders?limit=1").json(), "/next_cursor");
  std::string forged = own;
  forged[4] = forged[4] == 'A' ? 'B' : 'A';
  EXPECT_EQ(kim.get("/v1/orders?limit=1&cursor=" + own).status, 200);
  EXPECT_EQ(problem_code(kim.get("/v1/orders?cursor=" + forged), 400), "invalid_cursor");
  EXPECT_EQ(problem_code(kim.get("/v1/payments?cursor=" + own), 400), "invalid_cursor");
  EXPECT_EQ(problem_code(kim.get("/v1/events?cursor=" + own), 400), "invalid_cursor");
}

TEST_F(HttpV1Orders, FiltersAndLimits) {
  const auto order = place_paid(kim);
  EXPECT_EQ(at(kim.get("/v1/orders?status=paid").json(), "/orders").as_array().size(), 1U);
  EXPECT_EQ(at(kim.get("/v1/orders?status=shipped").json(), "/orders").as_array().size(), 0U);
  EXPECT_EQ(at(kim.get("/v1/orders?limit=1000000").json(), "/orders").as_array().size(), 1U);
  EXPECT_EQ(at(kim.get("/v1/orders?created_after=2000-01-01T00:00:00Z").json(), "/orders").as_array().size(), 1U);
  EXPECT_EQ(at(kim.get("/v1/orders?created_after=" + text_at(order, "/created_at")).json(), "/orders").as_array().size(), 0U);
  EXPECT_EQ(at(kim.get("/v1/orders?created_after=2100-01-01T00:00:00Z").json(), "/orders").as_array().size(), 0U);
  for (const auto* query : {"status=processing", "status=", "limit=0", "limit=-1", "limit=x", "cursor=x", "cursor=", "created_after=now"}) {
    problem_code(kim.get(fmt::format("/v1/orders?{}", query)), 400);
  }
}

}  // namespace
}  // namespace edda::http
