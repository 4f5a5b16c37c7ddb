// What forks, waits, limits and operators mean to the order and its money.
#include <gtest/gtest.h>

#include "owner/step_request.hpp"
#include "saga/definitions.hpp"
#include "turn/turn.hpp"
#include "unit/order_story.hpp"

namespace edda {
namespace {

using saga::OperatorAction;
using saga::Outcome;
using testing_support::OrderStory;
using Names = OrderStory::Names;
using namespace std::chrono_literals;

OrderStory placed_with(std::vector<std::string> with) {
  OrderStory story;
  story.with = std::move(with);
  story.place();
  return story;
}
OrderStory paid_with_stock() {
  OrderStory story = placed_with({"stock_reservation"});
  story.answer_at("stock_reservation", Outcome::succeeded);
  story.answer_at("payment_processing", Outcome::succeeded);
  return story;
}
OrderStory paid_without_stock() {
  OrderStory story = placed_with({});
  story.answer(Outcome::succeeded);
  return story;
}
std::string cancelled_because(const OrderStory& story) {
  for (const auto& decided : story.history)
    if (const auto* event = std::get_if<order::Event>(&decided.event))
      if (const auto* cancelled = std::get_if<order::OrderCancelled>(event)) return cancelled->reason;
  return "not cancelled";
}

turn::AnswerStep answered(SagaId saga, std::string step) {
  return {saga, std::move(step), saga::Direction::forward, 1, Outcome::succeeded, {}, {}, false};
}

// R23
TEST(UnitTurnSaga, TheFeatureLevelChoosesTheDefinition) {
  OrderStory old;
  old.feature_level = 1;
  old.place();
  EXPECT_EQ(old.main_saga().definition, &saga::order_processing_1);
  EXPECT_EQ(placed_with({}).main_saga().definition, &saga::order_processing);
  old.answer(Outcome::succeeded);
  old.cancel();
  EXPECT_EQ(old.last_saga().definition, &saga::order_cancellation_1);
  EXPECT_EQ(old.operate(OperatorAction::pause), Names{"!feature_level_too_low"});
}

// R23: only nodes that know of products may make one; where one is, the level was raised.
TEST(UnitTurnSaga, TheFeatureLevelAllowsProducts) {
  OrderStory old;
  old.feature_level = 1;
  EXPECT_EQ(old.tell(stock::Command(stock::CreateProduct{"P-1", "Lamp", OrderStory::user_id, true, 5})),
            Names{"!feature_level_too_low"});
  EXPECT_EQ(old.tell(stock::Command(stock::AdjustStock{})), Names{"!not_found"});
}

TEST(UnitTurnSaga, WithoutOptionsAGoodSaleIsTwoTurns) {
  OrderStory story;
  EXPECT_EQ(story.place(), (Names{"OrderCreated", "SagaStarted", "PaymentRequested", "SagaStepRequested"}));
  EXPECT_EQ(story.answer(Outcome::succeeded).back(), "SagaCompleted");
}

TEST(UnitTurnSaga, StockAndApprovalComeBeforeTheCharge) {
  OrderStory story;
  story.with = {"stock_reservation", "order_approval"};
  EXPECT_EQ(story.place(), (Names{"OrderCreated", "SagaStarted", "SagaWaitStarted", "SagaStepRequested"}));
  EXPECT_EQ(story.refund(5), Names{"!not_captured"});
  EXPECT_EQ(story.answer_at("stock_reservation", Outcome::succeeded), Names{"SagaStepCompleted"});
  EXPECT_EQ(story.tell(turn::SignalSaga{OrderStory::saga_id, {"order_approval", true, OrderStory::user_id, "fine"}}),
            (Names{"SagaSignalled", "SagaStepCompleted", "PaymentRequested", "SagaStepRequested"}));
  EXPECT_EQ(story.answer_at("payment_processing", Outcome::succeeded).back(), "SagaCompleted");
}

TEST(UnitTurnSaga, WithoutStockTheOrderIsCancelledAndNoMoneyMoves) {
  OrderStory story = placed_with({"stock_reservation"});
  EXPECT_EQ(story.answer_at("stock_reservation", Outcome::declined),
            (Names{"SagaStepDeclined", "SagaCompensationStarted", "OrderCancelled", "SagaStepCompensated",
                   "SagaCompensated"}));
  EXPECT_FALSE(story.order_case.payment.exists());
  EXPECT_EQ(cancelled_because(story), "no");
}

TEST(UnitTurnSaga, ADeclinedChargeGivesTheStockBackFirst) {
  OrderStory story = placed_with({"stock_reservation"});
  story.answer_at("stock_reservation", Outcome::succeeded);
  EXPECT_EQ(story.answer_at("payment_processing", Outcome::declined),
            (Names{"PaymentFailed", "SagaStepDeclined", "SagaCompensationStarted", "SagaStepRequested"}));
  EXPECT_EQ(story.answer_at("stock_reservation", Outcome::succeeded),
            (Names{"SagaStepCompensated", "OrderCancelled", "SagaStepCompensated", "SagaCompensated"}));
  EXPECT_EQ(cancelled_because(story), "Payment failed: no");
}

TEST(UnitTurnSaga, ARefusedApprovalCancelsTheOrderForThatReason) {
  OrderStory story = placed_with({"order_approval"});
  EXPECT_EQ(
      story.tell(turn::SignalSaga{OrderStory::saga_id, {"order_approval", false, OrderStory::user_id, "fraud"}}).back(),
      "SagaCompensated");
  EXPECT_EQ(cancelled_because(story), "fraud");
}

TEST(UnitTurnSaga, AnApprovalThatNeverComesCancelsTheOrder) {
  OrderStory story = placed_with({"order_approval"});
  story.passed = 23h;
  EXPECT_EQ(story.tell(turn::SagaTimeDue{OrderStory::saga_id}), Names{});
  story.passed = 24h;
  EXPECT_EQ(story.tell(turn::SagaTimeDue{OrderStory::saga_id}).back(), "SagaCompensated");
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelled);
}

TEST(UnitTurnSaga, PastTheDeadlineAChargeInDoubtIsVoidedOrParkedByItsKeysAge) {
  OrderStory story = placed_with({});
  story.answer(Outcome::unknown);
  story.passed = 48h;
  EXPECT_EQ(story.tell(turn::SagaTimeDue{OrderStory::saga_id}),
            (Names{"SagaStepFailed", "SagaDeadlinePassed", "SagaParked"}));
  EXPECT_EQ(story.operate(OperatorAction::retry), Names{"!key_forgotten"});
  EXPECT_EQ(story.operate(OperatorAction::state_outcome, OrderStory::saga_id, "payment_processing", Outcome::failed),
            (Names{"SagaActionTaken", "PaymentFailed", "SagaStepFailed", "SagaCompensationStarted", "OrderCancelled",
                   "SagaStepCompensated", "SagaCompensated"}));
}

TEST(UnitTurnSaga, CancellingAPaidOrderGivesItsStockBackToo) {
  OrderStory story = paid_with_stock();
  story.cancel();
  const SagaId cancellation = story.last_saga().id;
  EXPECT_EQ(story.answer(Outcome::succeeded, cancellation),
            (Names{"PaymentRefunded", "SagaStepCompleted", "SagaStepRequested"}));
  const auto& state = *story.order_case.find_saga(cancellation);
  const auto send = owner::step_request(story.order_case, state, *state.open_at("stock_release"));
  EXPECT_EQ(send.key, to_string(cancellation) + "/stock_release/forward");
  EXPECT_EQ(send.forward_key, to_string(OrderStory::saga_id) + "/stock_reservation/forward");
  EXPECT_EQ(send.lines, (std::vector<StockLine>{{"P-1", 1000}}));
  EXPECT_EQ(send.not_after, std::nullopt);
  EXPECT_EQ(story.answer(Outcome::succeeded, cancellation).back(), "SagaCompleted");
  OrderStory without = paid_without_stock();
  without.cancel();
  EXPECT_TRUE(without.last_saga().with.empty());
}

TEST(UnitTurnSaga, ASendSaysHowLongItsKeyIsRemembered) {
  const OrderStory story = placed_with({});
  const auto& open = story.main_saga().open.front();
  const auto send = owner::step_request(story.order_case, story.main_saga(), open);
  EXPECT_EQ(send.not_after, open.first_requested_at + 12h);
  EXPECT_EQ(send.product_ids, std::vector<std::string>{"P-1"});
  EXPECT_TRUE(send.lines.empty());
}

TEST(UnitTurnSaga, AnOperatorsCancelIsTheOrdersCancellation) {
  OrderStory story = placed_with({});
  EXPECT_EQ(story.operate(OperatorAction::cancel),
            (Names{"SagaActionTaken", "OrderCancellationRequested", "SagaCancelRequested"}));
  EXPECT_EQ(story.order_case.order.cancellation_reason, "on the phone");
  EXPECT_EQ(story.cancel(), Names{"!already_cancelling"});
  story.answer(Outcome::declined);
  EXPECT_EQ(cancelled_because(story), "on the phone");
}

TEST(UnitTurnSaga, WhatIsOwedIsNotTurnedBack) {
  OrderStory story = paid_without_stock();
  story.cancel();
  EXPECT_EQ(story.operate(OperatorAction::compensate, story.last_saga().id), Names{"!effect_is_owed"});
  OrderStory partial = paid_without_stock();
  partial.refund(500);
  const SagaId refund = partial.last_saga().id;
  partial.answer(Outcome::failed, refund);
  EXPECT_EQ(partial.operate(OperatorAction::compensate, refund),
            (Names{"SagaActionTaken", "SagaCancelRequested", "PaymentRefundDeclined", "SagaStepFailed",
                   "SagaCompensationStarted", "SagaCompensated"}));
  EXPECT_EQ(partial.order_case.payment.refundable_minor(), 1999);
}

// The cancellation's own refund left out what the partial one had reserved.
TEST(UnitTurnSaga, APartialRefundThatIsGivenUpDuringACancellationIsGivenBackAfterAll) {
  OrderStory story = paid_without_stock();
  story.refund(500);
  const SagaId partial = story.last_saga().id;
  story.operate(OperatorAction::cancel, partial);
  story.cancel();
  story.answer(Outcome::succeeded, story.last_saga().id);
  ASSERT_EQ(story.order_case.payment.refunded_minor(), 1499);
  EXPECT_EQ(story.answer(Outcome::declined, partial),
            (Names{"SagaParked", "PaymentRefundDeclined", "SagaStepFailed", "SagaCompensationStarted",
                   "SagaCompensated", "PaymentRefundRequested", "SagaStarted", "SagaStepRequested"}));
  EXPECT_EQ(story.operate(OperatorAction::compensate, story.last_saga().id), Names{"!effect_is_owed"});
  story.answer(Outcome::succeeded, story.last_saga().id);
  EXPECT_EQ(story.order_case.payment.refunded_minor(), 1999);
}

TEST(UnitTurnSaga, AForceCloseCancelsTheOrderAndGivesTheReservationBack) {
  OrderStory story = paid_without_stock();
  story.cancel("broken");
  const SagaId cancellation = story.last_saga().id;
  story.answer(Outcome::declined, cancellation);
  EXPECT_EQ(story.operate(OperatorAction::force_close, cancellation),
            (Names{"SagaActionTaken", "PaymentRefundDeclined", "OrderCancelled", "SagaForceClosed"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelled);
  EXPECT_EQ(cancelled_because(story), "broken");
  EXPECT_EQ(story.order_case.payment.refundable_minor(), 1999);  // kept, and listed by `edda verify`
}

// R15: the operator was wrong.
TEST(UnitTurnSaga, ARefundThatSucceedsAfterTheForceCloseIsWrittenDown) {
  OrderStory story = paid_without_stock();
  story.cancel();
  const SagaId cancellation = story.last_saga().id;
  story.answer(Outcome::declined, cancellation);
  story.operate(OperatorAction::force_close, cancellation);
  const turn::AnswerStep late{
      cancellation, "payment_refund", saga::Direction::forward, 1, Outcome::succeeded, {}, "late", false};
  EXPECT_EQ(story.tell(late), Names{"PaymentRefunded"});
  EXPECT_EQ(story.tell(late), Names{});
  EXPECT_EQ(story.order_case.payment.refunded_minor(), 1999);
}

TEST(UnitTurnSaga, AForceCloseOfAPendingOrderFailsItsPayment) {
  OrderStory story = placed_with({});
  EXPECT_EQ(story.operate(OperatorAction::force_close), Names{"!step_open"});
  story.answer(Outcome::failed);
  EXPECT_EQ(story.operate(OperatorAction::force_close),
            (Names{"SagaActionTaken", "PaymentFailed", "OrderCancelled", "SagaForceClosed"}));
  OrderStory waiting = placed_with({"order_approval"});
  EXPECT_EQ(waiting.operate(OperatorAction::force_close),
            (Names{"SagaActionTaken", "OrderCancelled", "SagaForceClosed"}));
  EXPECT_EQ(cancelled_because(waiting), "Closed by an operator");
}

TEST(UnitTurnSaga, AForceCloseOfARefundLeavesTheOrderStanding) {
  OrderStory story = paid_without_stock();
  story.refund(500);
  const SagaId refund = story.last_saga().id;
  story.answer(Outcome::failed, refund);
  EXPECT_EQ(story.operate(OperatorAction::force_close, refund),
            (Names{"SagaActionTaken", "PaymentRefundDeclined", "SagaForceClosed"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::paid);
}

TEST(UnitTurnSaga, AStatedSuccessCarriesTheGatewaysReference) {
  OrderStory story = placed_with({});
  story.answer(Outcome::unknown);
  EXPECT_EQ(story.operate(OperatorAction::state_outcome, OrderStory::saga_id, "payment_processing", Outcome::succeeded)
                .back(),
            "SagaCompleted");
  EXPECT_EQ(story.order_case.payment.external_transaction_id, "stated_1");
}

TEST(UnitTurnSaga, NobodyOperatesASagaOfAnotherOrder) {
  OrderStory story = placed_with({});
  const SagaId other{make_uuid_v7(OrderStory::start, {9}, 7)};
  EXPECT_EQ(story.operate(OperatorAction::pause, other), Names{"!not_found"});
  EXPECT_EQ(story.tell(turn::SignalSaga{other, {}}), Names{"!not_found"});
  EXPECT_EQ(story.tell(turn::SagaTimeDue{other}), Names{});
  EXPECT_EQ(story.tell(turn::RetryStep{other, "payment_processing", {}, 1}), Names{});
  EXPECT_EQ(story.tell(answered(other, "payment_processing")), Names{});
  EXPECT_EQ(story.tell(answered(OrderStory::saga_id, "nothing")), Names{});
}

TEST(UnitTurnSaga, EveryRefusalHasAName) {
  EXPECT_EQ(turn::to_string(turn::Rejection(saga::Rejection::step_open)), "step_open");
  EXPECT_EQ(turn::to_string(turn::Rejection(saga::Rejection::feature_level_too_low)), "feature_level_too_low");
}

// R15, with a saga that is still busy with its way back.
TEST(UnitTurnSaga, AChargeThatSucceedsAfterItWasGivenUpIsPaidBackWhileTheStockIsReleased) {
  OrderStory story = placed_with({"stock_reservation"});
  story.answer_at("stock_reservation", Outcome::succeeded);
  story.answer_at("payment_processing", Outcome::unknown);
  story.cancel();
  story.answer_at("payment_processing", Outcome::succeeded);  // voided
  ASSERT_EQ(story.main_saga().status, SagaStatus::compensating);
  EXPECT_EQ(story.tell(turn::AnswerStep{OrderStory::saga_id,
                                        "payment_processing",
                                        saga::Direction::forward,
                                        1,
                                        Outcome::succeeded,
                                        {},
                                        "late",
                                        false}),
            (Names{"PaymentProcessed", "PaymentRefundRequested", "SagaStarted", "SagaStepRequested"}));
  EXPECT_EQ(story.operate(OperatorAction::compensate, story.last_saga().id), Names{"!effect_is_owed"});
  EXPECT_EQ(story.answer_at("stock_reservation", Outcome::succeeded).back(), "SagaCompensated");
}

// The same where nobody cancelled: the order is pending until its way back has ended, and its money owed nevertheless.
TEST(UnitTurnSaga, TheRefundOfALateChargeIsOwedBeforeTheOrderIsCancelled) {
  OrderStory story = placed_with({"stock_reservation"});
  story.answer_at("stock_reservation", Outcome::succeeded);
  story.answer_at("payment_processing", Outcome::declined);
  ASSERT_EQ(story.order_case.order.status, OrderStatus::pending);
  story.tell(answered(OrderStory::saga_id, "payment_processing"));
  EXPECT_EQ(story.operate(OperatorAction::compensate, story.last_saga().id), Names{"!effect_is_owed"});
}

}  // namespace
}  // namespace edda
