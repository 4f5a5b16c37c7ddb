#include <boost/json/serialize.hpp>

#include "gateway/webhook_signature.hpp"
#include "http/routes/webhooks.hpp"
#include "http/v1_fixture.hpp"
#include "owner/answer_delivery.hpp"

namespace edda::http {
namespace {

using owner::Delivery;
using std::chrono::seconds;

const std::string secret = "whsec-0123456789";
const std::string path = "/v1/webhooks/payments";
constexpr std::int64_t total = 3998;  // of the fixture's order

class HttpV1Webhooks : public V1Test {
 protected:
  HttpV1Webhooks() {
    harness.run([](HttpV1Webhooks& self) -> Task<int> {  // the server's thread reads it
      self.operations->webhooks = &self.webhooks;
      co_return 0;
    }(*this));
  }
  ~HttpV1Webhooks() override { harness.gateway.release(); }

  static std::string body(const std::string& id, const std::string& step_key, const std::string& status, std::int64_t minor = total,
                          const std::string& currency = "USD", const std::string& reference = "ref-1") {
    return fmt::format(
        R"({{"id":"{}","type":"charge.{}","key":"{}","status":"{}","reference":"{}","amount":{{"amount":{},"currency":"{}"}}}})", id,
        status, step_key, status, reference, minor, currency);
  }
  std::string signature(const std::string& text, seconds ago = seconds(0)) {
    return "Edda-Signature: " + std::string(gateway::sign_webhook(secret, harness.api_clock.now() - ago, text));
  }
  Answer tell(const std::string& text) { return harness.nobody().post(path, text, {signature(text)}); }
  std::uint64_t count(Delivery result) {
    return harness.run([](owner::AnswerDelivery& of, Delivery which) -> Task<std::uint64_t> { co_return of.count(which); }(delivery, result));
  }

  /// An order whose charge the gateway does not answer.
  boost::json::value place_unanswered() {
    harness.gateway.hold();
    auto placed = place(kim);
    eventually("the charge is under way", [&] { return harness.gateway.waiting() == 1; });
    return placed;
  }
  static std::string charge_key(const boost::json::value& order) { return text_at(order, "/saga_id") + "/payment_processing/forward"; }
  std::string status(const boost::json::value& order) {
    return text_at(kim.get("/v1/orders/" + text_at(order, "/id")).json(), "/status");
  }

  owner::AnswerDelivery delivery{{harness.dispatcher, harness.store, harness.store, harness.log}};
  Webhooks webhooks{"payments",
                    [](std::string_view given, std::string_view text, Timestamp now) {
                      return gateway::verify_webhook(secret, given, text, now);
                    },
                    delivery};
};

TEST_F(HttpV1Webhooks, AnswerTheStepThatWaits) {
  const auto order = place_unanswered();
  EXPECT_EQ(tell(body("evt_1", charge_key(order), "succeeded")).status, 202);
  EXPECT_EQ(status(order), "paid");
  EXPECT_EQ(count(Delivery::stored), 1U);
  // What the gateway then answers to the request itself is no news.
  harness.gateway.answer_key(charge_key(order), {saga::Outcome::succeeded, "ref-1", {}});
  harness.gateway.release();
  EXPECT_EQ(status(order), "paid");
}

TEST_F(HttpV1Webhooks, ADeclinedChargeCancelsTheOrder) {
  const auto order = place_unanswered();
  EXPECT_EQ(tell(body("evt_1", charge_key(order), "declined")).status, 202);
  EXPECT_EQ(status(order), "cancelled");
}

TEST_F(HttpV1Webhooks, WithoutASignatureThatHoldsNothingIsBelieved) {
  const auto order = place_unanswered();
  const std::string text = body("evt_1", charge_key(order), "succeeded");
  EXPECT_EQ(problem_code(harness.nobody().post(path, text), 401), "unauthenticated");
  EXPECT_EQ(admin.post(path, text).status, 401) << "a token is no signature";
  EXPECT_EQ(harness.nobody().post(path, text, {"Edda-Signature: t=1,v1=00"}).status, 401);
  EXPECT_EQ(harness.nobody().post(path, text, {signature(text + " ")}).status, 401) << "of another body";
  EXPECT_EQ(harness.nobody().post(path, body("evt_1", charge_key(order), "succeeded", 1), {signature(text)}).status, 401);
  EXPECT_EQ(status(order), "pending");
}

TEST_F(HttpV1Webhooks, ARecordedOneIsStaleAfterFiveMinutes) {
  const auto order = place_unanswered();
  const std::string text = body("evt_1", charge_key(order), "succeeded");
  EXPECT_EQ(harness.nobody().post(path, text, {signature(text, seconds(310))}).status, 401);
  EXPECT_EQ(harness.nobody().post(path, text, {signature(text, seconds(-310))}).status, 401);
  EXPECT_EQ(status(order), "pending");
  EXPECT_EQ(harness.nobody().post(path, text, {signature(text, seconds(290))}).status, 202);
  EXPECT_EQ(status(order), "paid");
}

TEST_F(HttpV1Webhooks, ADoubleIsDroppedByItsId) {
  const auto order = place_unanswered();
  const std::string text = body("evt_1", charge_key(order), "succeeded");
  EXPECT_EQ(tell(text).status, 202);
  EXPECT_EQ(tell(text).status, 202);
  EXPECT_EQ(count(Delivery::doubled), 1U);
  EXPECT_EQ(tell(body("evt_2", charge_key(order), "succeeded")).status, 202);
  EXPECT_EQ(count(Delivery::no_news), 1U) << "under another id the saga knows it already";
  EXPECT_EQ(count(Delivery::stored), 1U);
}

TEST_F(HttpV1Webhooks, AnotherAmountIsIgnoredCountedAndReported) {
  const auto order = place_unanswered();
  EXPECT_EQ(tell(body("evt_1", charge_key(order), "succeeded", total - 1)).status, 202);
  EXPECT_EQ(tell(body("evt_2", charge_key(order), "succeeded", total, "EUR")).status, 202);
  const std::string without = fmt::format(R"({{"id":"evt_3","key":"{}","status":"succeeded","reference":"r"}})", charge_key(order));
  EXPECT_EQ(tell(without).status, 202);
  EXPECT_EQ(count(Delivery::wrong_amount), 3U);
  EXPECT_EQ(status(order), "pending");
  const auto messages = harness.log.messages();
  EXPECT_TRUE(std::ranges::any_of(messages, [](const auto& m) { return m.find("another amount") != std::string::npos; }));
}

TEST_F(HttpV1Webhooks, ASecondChargeUnderOneKeyIsReported) {
  const auto order = place_paid(kim);
  EXPECT_EQ(tell(body("evt_1", charge_key(order), "succeeded", total, "USD", "ref-of-another-charge")).status, 202);
  EXPECT_EQ(count(Delivery::second_effect), 1U);
  EXPECT_EQ(status(order), "paid");
}

TEST_F(HttpV1Webhooks, WhatIsNoneOfOursHasNoEffect) {
  EXPECT_EQ(tell(body("evt_1", std::string(absent_uuid) + "/payment_processing/forward", "succeeded")).status, 202);
  EXPECT_EQ(tell(body("evt_2", "of-another-shop", "succeeded")).status, 202);
  const auto order = place_unanswered();
  EXPECT_EQ(tell(body("evt_3", text_at(order, "/saga_id") + "/no_such_step/forward", "succeeded")).status, 202);
  EXPECT_EQ(tell(body("evt_4", text_at(order, "/saga_id") + "/payment_processing/sideways", "succeeded")).status, 202);
  EXPECT_EQ(tell(body("evt_6", text_at(order, "/saga_id") + "/order_confirmation/forward", "succeeded")).status, 202);
  EXPECT_EQ(count(Delivery::unknown_key), 5U) << "a gateway has no say in what is not about money";
  EXPECT_EQ(tell(body("evt_5", charge_key(order), "pending")).status, 202);
  EXPECT_EQ(count(Delivery::not_final), 1U);
  EXPECT_EQ(status(order), "pending");
}

TEST_F(HttpV1Webhooks, ARefundIsToldByTheAmountThatWasReserved) {
  const auto order = place_paid(kim);
  harness.gateway.hold();
  const std::string orders = "/v1/orders/" + text_at(order, "/id");
  const auto refund = admin.post(orders + "/refunds", R"({"amount":{"amount":500,"currency":"USD"},"reason":"scratched"})",
                                 {key("refund-1"), "If-Match: " + etag_of(order)});
  ASSERT_LT(refund.status, 300) << refund.body;
  eventually("the refund is under way", [&] { return harness.gateway.waiting() == 1; });
  const std::string refund_key = harness.gateway.calls().back().key;
  EXPECT_EQ(tell(body("evt_1", refund_key, "succeeded", 501)).status, 202);
  EXPECT_EQ(count(Delivery::wrong_amount), 1U);
  EXPECT_EQ(tell(body("evt_2", refund_key, "succeeded", 500)).status, 202);
  EXPECT_EQ(count(Delivery::stored), 1U);
}

TEST_F(HttpV1Webhooks, OnlyTheGatewayThatIsConfiguredIsKnown) {
  const std::string text = body("evt_1", "k", "succeeded");
  EXPECT_EQ(problem_code(harness.nobody().post("/v1/webhooks/other", text, {signature(text)}), 404), "not_found");
  harness.run([](V1Test&, Operations& of) -> Task<int> {
    of.webhooks = nullptr;
    co_return 0;
  }(*this, *operations));
  EXPECT_EQ(problem_code(harness.nobody().post(path, text, {signature(text)}), 404), "not_found");
}

TEST_F(HttpV1Webhooks, ABodyThatIsSignedAndNotUnderstoodIs400) {
  for (const std::string text : {R"({)", R"([])", R"({"id":"evt_1"})", R"({"id":"","key":"k","status":"succeeded"})",
                                 R"({"id":"a","id":"b","key":"k","status":"succeeded"})",
                                 R"({"id":"a","key":"k","status":"succeeded","amount":7})",
                                 R"({"id":"a","key":"k","status":"succeeded","amount":{"amount":1.5,"currency":"USD"}})",
                                 "{\"id\":\"a\\u0007\",\"key\":\"k\",\"status\":\"succeeded\"}"})
    EXPECT_TRUE(problem_code(tell(text), 400).starts_with("invalid_")) << text;
}

}  // namespace
}  // namespace edda::http
