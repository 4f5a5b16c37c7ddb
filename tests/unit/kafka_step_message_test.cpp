#include "kafka/step_message.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace edda::kafka {
namespace {

StepRequest some_refund() {
  StepRequest request;
  request.saga = SagaId{*parse_uuid("01900000-0000-7000-8000-00000000000a")};
  request.order = OrderId{*parse_uuid("01900000-0000-7000-8000-00000000000b")};
  request.step = "payment_processing";
  request.direction = saga::Direction::compensate;
  request.attempt = 3;
  request.action = saga::Action::refund_payment;
  request.key = "01900000-0000-7000-8000-00000000000a/payment_processing/compensate";
  request.amount = Money{1999, *parse_currency("EUR")};
  request.product_ids = {"book", "a \"pen\""};
  request.charge_reference = "ext_1";
  request.lines = {{"book", 2'000}};
  request.not_after = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23));
  request.resent = true;
  return request;
}

TEST(UnitKafkaStepMessage, BringsAStepThroughUnchanged) {
  const StepRequest sent = some_refund();
  const auto message = parse_step(to_json(StepMessage{"send-1", sent}));
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->send, "send-1");
  const StepRequest& got = message->request;
  EXPECT_EQ(got.saga, sent.saga);
  EXPECT_EQ(got.order, sent.order);
  EXPECT_EQ(got.step, sent.step);
  EXPECT_EQ(got.direction, sent.direction);
  EXPECT_EQ(got.attempt, sent.attempt);
  EXPECT_EQ(got.action, sent.action);
  EXPECT_EQ(got.key, sent.key);
  EXPECT_EQ(got.amount, sent.amount);
  EXPECT_EQ(got.product_ids, sent.product_ids);
  EXPECT_EQ(got.charge_reference, sent.charge_reference);
  EXPECT_EQ(got.lines, sent.lines);
  EXPECT_EQ(got.not_after, sent.not_after);
  EXPECT_TRUE(got.resent);
}

TEST(UnitKafkaStepMessage, TakesAMessageThatDoesNotSaySoForOneThatWasSentBefore) {
  std::string json = to_json(StepMessage{"send-1", some_refund()});
  json.replace(json.find("\"resent\":true,"), 14, "");
  EXPECT_TRUE(parse_step(json)->request.resent);
}

TEST(UnitKafkaStepMessage, RefusesWhatIsNoStep) {
  const std::string good = to_json(StepMessage{"send-1", some_refund()});
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string json = good;
    return json.replace(json.find(from), from.size(), to);
  };
  EXPECT_FALSE(parse_step(""));
  EXPECT_FALSE(parse_step("[]"));
  EXPECT_FALSE(parse_step(with("refund_payment", "steal")));
  EXPECT_FALSE(parse_step(with("/compensate", "/sideways")));
  EXPECT_FALSE(parse_step(with("2026-11-23T", "soon")));
  EXPECT_FALSE(parse_step(with("\"amount\":1999", "\"amount\":\"much\"")));
  EXPECT_TRUE(parse_step(with("\"attempt\"", "\"colour\":\"red\",\"attempt\"")));
}

TEST(UnitKafkaStepMessage, BringsAResultThroughUnchanged) {
  const StepResult sent = result_of({"send-1", some_refund()}, {saga::Outcome::declined, "ext_2", "no such charge"});
  const auto got = parse_result(to_json(sent));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->send, "send-1");
  EXPECT_EQ(got->saga, sent.saga);
  EXPECT_EQ(got->order, sent.order);
  EXPECT_EQ(got->step, "payment_processing");
  EXPECT_EQ(got->direction, saga::Direction::compensate);
  EXPECT_EQ(got->attempt, 3);
  EXPECT_EQ(got->answer.outcome, saga::Outcome::declined);
  EXPECT_EQ(got->answer.reference, "ext_2");
  EXPECT_EQ(got->answer.reason, "no such charge");
}

TEST(UnitKafkaStepMessage, RefusesWhatIsNoResult) {
  EXPECT_FALSE(parse_result("{}"));
  EXPECT_FALSE(parse_result(R"({"send":"1","key":"nonsense","order":"01900000-0000-7000-8000-00000000000b","attempt":1,"outcome":"succeeded"})"));
  EXPECT_FALSE(parse_result(
      R"({"send":"1","key":"01900000-0000-7000-8000-00000000000a/a/forward","order":"01900000-0000-7000-8000-00000000000b","attempt":1,"outcome":"perhaps"})"));
}

/// The n-th block of JSON in docs/step-workers.md.
std::string documented(int n) {
  std::ifstream file(EDDA_SOURCE_DIR "/docs/step-workers.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  constexpr std::string_view opening = "```json\n";
  std::size_t at = 0;
  for (int i = 0; i < n; ++i) at = page.find(opening, at) + opening.size();
  return page.substr(at, page.find("```", at) - at);
}

TEST(UnitKafkaStepMessage, IsAsTheDocumentShowsIt) {
  const auto step = parse_step(documented(1));
  ASSERT_TRUE(step) << step.error().message;
  EXPECT_EQ(step->request.step, "payment_processing");
  EXPECT_EQ(step->request.lines, (std::vector<StockLine>{{"book", 1'000}}));
  EXPECT_FALSE(step->request.resent);
  EXPECT_TRUE(step->request.not_after);
  const auto result = parse_result(documented(2));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->key, step->request.key);
  EXPECT_EQ(result->answer.reference, "ext_tx_1");
}

}  // namespace
}  // namespace edda::kafka
