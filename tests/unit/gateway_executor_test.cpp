#include "owner/gateway_executor.hpp"

#include <gtest/gtest.h>

#include "memory/scripted_gateway.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::owner {
namespace {

using saga::Outcome;
using testing_support::run_task;
using testing_support::some_deadline;

class UnitGatewayExecutor : public testing::Test {
 protected:
  static StepRequest charge(int attempt) {
    StepRequest request;
    request.attempt = attempt;
    request.action = saga::Action::charge_payment;
    request.key = "s1/pay/forward";
    request.amount = Money{1999};
    return request;
  }
  GatewayAnswer perform(StepRequest request) { return run_task(executor.perform(std::move(request), some_deadline())); }

  memory::ScriptedGateway gateway;
  GatewayExecutor executor{gateway};
};

TEST_F(UnitGatewayExecutor, AFirstSendIsNotLookedUp) {
  EXPECT_EQ(perform(charge(1)).outcome, Outcome::succeeded);
  EXPECT_TRUE(gateway.lookups().empty());
}

TEST_F(UnitGatewayExecutor, WhatIsFoundIsTheAnswerAndNothingIsSent) {
  gateway.answer_lookup({Outcome::succeeded, "ref-1", {}});
  const auto answer = perform(charge(2));
  EXPECT_EQ(answer.outcome, Outcome::succeeded);
  EXPECT_EQ(answer.reference, "ref-1");
  EXPECT_TRUE(gateway.calls().empty());
}

TEST_F(UnitGatewayExecutor, ADeclinedKeyIsNotSentAgain) {
  gateway.answer_lookup({Outcome::declined, {}, "no money"});
  EXPECT_EQ(perform(charge(2)).outcome, Outcome::declined);
  EXPECT_TRUE(gateway.calls().empty());
}

TEST_F(UnitGatewayExecutor, NotFoundIsSentAgainUnderTheSameKey) {
  gateway.answer_key("s1/pay/forward", {Outcome::unknown, {}, "no answer"});
  EXPECT_EQ(perform(charge(2)).outcome, Outcome::unknown) << "not found proves nothing: the send's own answer counts";
  ASSERT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(gateway.calls()[0].key, "s1/pay/forward");
  EXPECT_EQ(gateway.lookups(), std::vector<std::string>{"s1/pay/forward"});
}

TEST_F(UnitGatewayExecutor, ARefundIsLookedUpToo) {
  StepRequest refund = charge(3);
  refund.action = saga::Action::refund_payment;
  gateway.answer_lookup({Outcome::succeeded, "ref-2", {}});
  EXPECT_EQ(perform(std::move(refund)).reference, "ref-2");
}

TEST_F(UnitGatewayExecutor, AResendIsLookedUpThoughItIsTheFirstAttempt) {
  StepRequest request = charge(1);
  request.resent = true;
  gateway.answer_lookup({Outcome::succeeded, "ref-1", {}});
  EXPECT_EQ(perform(std::move(request)).reference, "ref-1");
  EXPECT_TRUE(gateway.calls().empty());
}

TEST_F(UnitGatewayExecutor, PastNotAfterNothingIsSentButWhatIsFoundCounts) {
  testing_support::ManualClock clock;
  GatewayExecutor timed(gateway, &clock);
  const auto perform_at_limit = [&] {
    StepRequest request = charge(1);
    request.not_after = testing_support::ManualClock::start;
    return run_task(timed.perform(std::move(request), some_deadline())).outcome;
  };
  clock.advance(microseconds(1));
  EXPECT_EQ(perform_at_limit(), Outcome::failed) << "surely not by this send";
  EXPECT_TRUE(gateway.calls().empty());
  gateway.answer_lookup({Outcome::succeeded, "ref-1", {}});
  EXPECT_EQ(perform_at_limit(), Outcome::succeeded);
  clock.advance(microseconds(-1));
  EXPECT_EQ(perform_at_limit(), Outcome::succeeded);
  EXPECT_EQ(gateway.calls().size(), 1U) << "in time";
}

TEST_F(UnitGatewayExecutor, AVoidIsSentWithoutALookup) {
  StepRequest request = charge(2);
  request.direction = saga::Direction::void_request;
  request.forward_key = "s1/pay/forward";
  perform(std::move(request));
  EXPECT_TRUE(gateway.lookups().empty());
  ASSERT_EQ(gateway.calls().size(), 1U);
  EXPECT_EQ(gateway.calls()[0].about, "s1/pay/forward");
}

}  // namespace
}  // namespace edda::owner
