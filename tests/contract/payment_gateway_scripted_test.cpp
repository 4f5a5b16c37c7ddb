#include "contract/payment_gateway_contract.hpp"
#include "memory/scripted_gateway.hpp"

namespace edda::contract {
namespace {

class Scripted : public testing::Test {
 protected:
  PaymentGateway& gateway() { return gateway_; }

  memory::ScriptedGateway gateway_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(ContractScripted, ContractPaymentGateway, Scripted);

TEST(ContractScriptedGateway, AnswersWhatItWasToldTo) {
  memory::ScriptedGateway gateway;
  using Kind = memory::ScriptedGateway::Kind;
  gateway.answer_next(Kind::charge, {saga::Outcome::declined, {}, "no"});
  gateway.answer_key("b", {saga::Outcome::unknown, {}, "lost"});
  const auto charge = [&](std::string key) {
    return run_task(gateway.charge({std::move(key), Money{1}, {"book"}}, some_deadline())).outcome;
  };
  EXPECT_EQ(charge("b"), saga::Outcome::unknown);
  EXPECT_EQ(charge("a"), saga::Outcome::declined);
  EXPECT_EQ(charge("b"), saga::Outcome::succeeded);
  ASSERT_EQ(gateway.calls().size(), 3U);
  EXPECT_EQ(gateway.calls()[1].key, "a");
  EXPECT_EQ(gateway.calls()[1].product_ids, std::vector<std::string>{"book"});
}

TEST(ContractScriptedGateway, HoldsItsAnswersUntilTheyAreReleased) {
  memory::ScriptedGateway gateway;
  gateway.hold();
  boost::asio::io_context context;
  auto answer = boost::asio::co_spawn(context, gateway.charge({"a", Money{1}, {}}, some_deadline()), boost::asio::use_future);
  context.poll();
  EXPECT_EQ(gateway.waiting(), 1U);
  gateway.release();
  context.restart();
  context.run();
  EXPECT_EQ(answer.get().outcome, saga::Outcome::succeeded);
  EXPECT_EQ(gateway.waiting(), 0U);
}

}  // namespace
}  // namespace edda::contract
