// The order's life, told turn by turn: what a client's command or a step's answer adds to the log.
#include "turn/turn.hpp"

#include <gtest/gtest.h>

#include "turn/stored_turn.hpp"
#include "unit/order_story.hpp"

namespace edda {
namespace {

using saga::Outcome;
using testing_support::OrderStory;
using Names = OrderStory::Names;

OrderStory placed() {
  OrderStory story;
  story.place();
  return story;
}
OrderStory paid() {
  OrderStory story = placed();
  story.answer(Outcome::succeeded);
  return story;
}
OrderStory shipped() {
  OrderStory story = paid();
  story.ship();
  return story;
}

TEST(UnitTurn, PlacingAsksForThePayment) {
  OrderStory story;
  EXPECT_EQ(story.place(), (Names{"OrderCreated", "SagaStarted", "PaymentRequested", "SagaStepRequested"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::pending);
  EXPECT_EQ(story.order_case.payment.status, PaymentStatus::processing);
  EXPECT_EQ(story.main_saga().open.front().epoch, Epoch{1});
}

TEST(UnitTurn, ASuccessfulChargeConfirmsTheOrderAndEndsTheSaga) {
  OrderStory story = placed();
  EXPECT_EQ(story.answer(Outcome::succeeded), (Names{"PaymentProcessed", "SagaStepCompleted", "OrderConfirmed",
                                                     "SagaStepCompleted", "SagaCompleted"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::paid);
  EXPECT_EQ(story.order_case.payment.external_transaction_id, "ext_tx_1");
  EXPECT_EQ(story.main_saga().completed_steps, (std::vector<std::string>{"payment_processing", "order_confirmation"}));
  EXPECT_EQ(row_of(story.main_saga()).current_step, "completed");
}

TEST(UnitTurn, ADeclinedChargeCancelsTheOrder) {
  OrderStory story = placed();
  EXPECT_EQ(story.answer(Outcome::declined, OrderStory::saga_id, "Insufficient funds"),
            (Names{"PaymentFailed", "SagaStepDeclined", "SagaCompensationStarted", "OrderCancelled",
                   "SagaStepCompensated", "SagaCompensated"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelled);
  EXPECT_EQ(story.order_case.payment.failure_reason, "Insufficient funds");
  EXPECT_EQ(story.main_saga().compensation_steps, std::vector<std::string>{"order_cancelled"});
  const auto& cancelled = std::get<order::OrderCancelled>(std::get<order::Event>(story.history[7].event));
  EXPECT_EQ(cancelled.reason, "Payment failed: Insufficient funds");
}

TEST(UnitTurn, AFailedSendIsRepeatedUnderItsKeyAfterAPause) {
  OrderStory story = placed();
  EXPECT_EQ(story.answer(Outcome::failed), Names{"SagaStepFailed"});
  ASSERT_TRUE(story.main_saga().open.front().retry_in.has_value());
  EXPECT_EQ(story.retry(), Names{"SagaStepRequested"});
  EXPECT_EQ(story.main_saga().open.front().attempt, 2);
  EXPECT_EQ(story.answer(Outcome::succeeded).back(), "SagaCompleted");
}

TEST(UnitTurn, WhenEverySendSurelyFailedTheOrderIsCancelled) {
  OrderStory story = placed();
  for (int attempt = 1; attempt < 5; ++attempt) {
    EXPECT_EQ(story.answer(Outcome::failed), Names{"SagaStepFailed"});
    EXPECT_EQ(story.retry(), Names{"SagaStepRequested"});
  }
  EXPECT_EQ(story.answer(Outcome::failed),
            (Names{"PaymentFailed", "SagaStepFailed", "SagaCompensationStarted", "OrderCancelled",
                   "SagaStepCompensated", "SagaCompensated"}));
}

// R14: one answer missing, and "failed" ends nothing any more.
TEST(UnitTurn, WithOneSendUnansweredTheChargeIsVoidedBeforeAnythingIsUndone) {
  OrderStory story = placed();
  EXPECT_EQ(story.answer(Outcome::unknown), Names{"SagaStepUnknown"});
  for (int attempt = 2; attempt < 5; ++attempt) {
    story.retry();
    EXPECT_EQ(story.answer(Outcome::failed), Names{"SagaStepFailed"});
  }
  story.retry();
  EXPECT_EQ(story.answer(Outcome::failed), (Names{"SagaStepFailed", "SagaStepRequested"}));
  EXPECT_EQ(story.main_saga().open.front().direction, saga::Direction::void_request);
  EXPECT_EQ(story.answer(Outcome::succeeded),
            (Names{"PaymentFailed", "SagaStepVoided", "SagaCompensationStarted", "OrderCancelled",
                   "SagaStepCompensated", "SagaCompensated"}));
}

TEST(UnitTurn, AVoidThatComesTooLateLetsTheOrderGoOn) {
  OrderStory story = placed();
  for (int attempt = 1; attempt < 5; ++attempt) {
    story.answer(Outcome::unknown);
    story.retry();
  }
  EXPECT_EQ(story.answer(Outcome::unknown), (Names{"SagaStepUnknown", "SagaStepRequested"}));
  EXPECT_EQ(story.answer(Outcome::declined), (Names{"PaymentProcessed", "SagaStepCompleted", "OrderConfirmed",
                                                    "SagaStepCompleted", "SagaCompleted"}));
}

TEST(UnitTurn, AVoidWithoutAnAnswerParksTheSagaWithTheStepOpen) {
  OrderStory story = placed();
  for (int attempt = 1; attempt < 5; ++attempt) {
    story.answer(Outcome::unknown);
    story.retry();
  }
  story.answer(Outcome::unknown);
  for (int attempt = 1; attempt < 5; ++attempt) {
    story.answer(Outcome::unknown);
    story.retry();
  }
  EXPECT_EQ(story.answer(Outcome::unknown), (Names{"SagaStepUnknown", "SagaParked"}));
  EXPECT_EQ(story.main_saga().status, SagaStatus::parked);
  EXPECT_EQ(story.order_case.order.status, OrderStatus::pending);
  ASSERT_FALSE(story.main_saga().open.empty());
  // The answer that comes after all still counts.
  EXPECT_EQ(story.answer(Outcome::succeeded).front(), "PaymentFailed");
  EXPECT_EQ(story.main_saga().status, SagaStatus::compensated);
}

TEST(UnitTurn, ARequestThatAnEarlierOwnerSentCountsAsUnanswered) {
  OrderStory story = placed();
  story.epoch = Epoch{2};
  EXPECT_EQ(story.answer(Outcome::failed), Names{"SagaStepFailed"});
  EXPECT_TRUE(story.main_saga().open.front().in_doubt);
}

TEST(UnitTurn, ADoubledAnswerChangesNothing) {
  OrderStory story = placed();
  const turn::AnswerStep twice{OrderStory::saga_id, "payment_processing", saga::Direction::forward, 1,
                               Outcome::succeeded,  {},                   "ext_tx_1",               false};
  story.tell(twice);
  EXPECT_EQ(story.tell(twice), Names{});
  auto failed = twice;
  failed.outcome = Outcome::failed;
  EXPECT_EQ(story.tell(failed), Names{});
}

TEST(UnitTurn, AnAnswerToAnEarlierAttemptThatDidNothingIsIgnored) {
  OrderStory story = placed();
  story.answer(Outcome::failed);
  story.retry();
  EXPECT_EQ(story.tell(turn::AnswerStep{OrderStory::saga_id, "payment_processing", saga::Direction::forward, 1,
                                        Outcome::failed, "late", {}, false}),
            Names{});
  EXPECT_EQ(story.tell(turn::RetryStep{OrderStory::saga_id, "payment_processing", saga::Direction::forward, 1}), Names{});
}

TEST(UnitTurn, CancellingWhileTheChargeIsUnderWayAwaitsItAndPaysBack) {
  OrderStory story = placed();
  EXPECT_EQ(story.cancel(), (Names{"OrderCancellationRequested", "SagaCancelRequested"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelling);
  EXPECT_EQ(story.answer(Outcome::succeeded), (Names{"PaymentProcessed", "SagaStepCompleted", "SagaCompensationStarted",
                                                     "PaymentRefundRequested", "SagaStepRequested"}));
  EXPECT_EQ(story.answer(Outcome::succeeded), (Names{"PaymentRefunded", "SagaStepCompensated", "OrderCancelled",
                                                     "SagaStepCompensated", "SagaCompensated"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelled);
  EXPECT_EQ(story.order_case.payment.status, PaymentStatus::refunded);
}

TEST(UnitTurn, CancellingWhileTheChargeIsUnderWayThatIsThenDeclined) {
  OrderStory story = placed();
  story.cancel("wrong size");
  EXPECT_EQ(story.answer(Outcome::declined).back(), "SagaCompensated");
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelled);
}

TEST(UnitTurn, CancellingBetweenTwoTriesEndsTheSagaAtOnce) {
  OrderStory story = placed();
  story.answer(Outcome::failed);
  EXPECT_EQ(story.cancel(), (Names{"OrderCancellationRequested", "SagaCancelRequested", "PaymentFailed",
                                   "SagaStepFailed", "SagaCompensationStarted", "OrderCancelled",
                                   "SagaStepCompensated", "SagaCompensated"}));
}

TEST(UnitTurn, CancellingBetweenTwoTriesInDoubtVoidsFirst) {
  OrderStory story = placed();
  story.answer(Outcome::unknown);
  EXPECT_EQ(story.cancel(), (Names{"OrderCancellationRequested", "SagaCancelRequested", "SagaStepRequested"}));
  EXPECT_EQ(story.main_saga().open.front().direction, saga::Direction::void_request);
  EXPECT_EQ(story.answer(Outcome::declined).back(), "SagaStepRequested");  // charged after all: paid back
  EXPECT_EQ(story.answer(Outcome::succeeded).back(), "SagaCompensated");
  EXPECT_EQ(story.order_case.payment.refunded_minor(), 1999);
}

// R19: the order's own saga is over and stays so.
TEST(UnitTurn, CancellingAPaidOrderIsASagaOfItsOwn) {
  for (OrderStory story : {paid(), shipped()}) {
    EXPECT_EQ(story.cancel(), (Names{"OrderCancellationRequested", "SagaStarted", "PaymentRefundRequested",
                                     "SagaStepRequested"}));
    const SagaId cancellation = story.last_saga().id;
    EXPECT_EQ(story.order_case.order.cancellation_saga, cancellation);
    EXPECT_EQ(story.answer(Outcome::succeeded, cancellation),
              (Names{"PaymentRefunded", "SagaStepCompleted", "OrderCancelled", "SagaStepCompleted", "SagaCompleted"}));
    EXPECT_EQ(story.main_saga().status, SagaStatus::completed);
    EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelled);
  }
}

TEST(UnitTurn, ACancellationWhoseRefundIsRefusedIsParkedWithTheMoneyReserved) {
  OrderStory story = paid();
  story.cancel();
  EXPECT_EQ(story.answer(Outcome::declined, story.last_saga().id), Names{"SagaParked"});
  EXPECT_EQ(story.order_case.order.status, OrderStatus::cancelling);
  EXPECT_EQ(story.order_case.payment.refundable_minor(), 0);
}

TEST(UnitTurn, ACompensationThatIsRefusedIsParkedNeverCalledCompensated) {
  OrderStory story = placed();
  story.cancel();
  story.answer(Outcome::succeeded);
  EXPECT_EQ(story.answer(Outcome::declined), Names{"SagaParked"});
  EXPECT_EQ(story.main_saga().status, SagaStatus::parked);
}

TEST(UnitTurn, CancellingAFreeOrderAsksNoGateway) {
  OrderStory story;
  story.place(0);
  story.answer(Outcome::succeeded);
  EXPECT_EQ(story.cancel(), (Names{"OrderCancellationRequested", "SagaStarted", "SagaStepCompleted", "OrderCancelled",
                                   "SagaStepCompleted", "SagaCompleted"}));
}

TEST(UnitTurn, IllegalCancelsAreRefused) {
  OrderStory never;
  EXPECT_EQ(never.cancel(), Names{"!not_found"});
  OrderStory delivered = shipped();
  delivered.deliver();
  EXPECT_EQ(delivered.cancel(), Names{"!delivered"});
  OrderStory cancelling = paid();
  cancelling.cancel();
  EXPECT_EQ(cancelling.cancel(), Names{"!already_cancelling"});
  cancelling.answer(Outcome::succeeded, cancelling.last_saga().id);
  EXPECT_EQ(cancelling.cancel(), Names{"!already_cancelled"});
}

TEST(UnitTurn, APartialRefundLeavesTheOrderStanding) {
  OrderStory story = paid();
  EXPECT_EQ(story.refund(500), (Names{"PaymentRefundRequested", "SagaStarted", "SagaStepRequested"}));
  EXPECT_EQ(story.answer(Outcome::succeeded, story.last_saga().id),
            (Names{"PaymentRefunded", "SagaStepCompleted", "SagaCompleted"}));
  EXPECT_EQ(story.order_case.order.status, OrderStatus::paid);
  EXPECT_EQ(story.order_case.payment.status, PaymentStatus::completed);
  EXPECT_EQ(story.order_case.payment.refunded_minor(), 500);
  // The rest goes back with the cancellation.
  story.cancel();
  EXPECT_EQ(story.order_case.payment.refunds.back().minor, 1499);
}

TEST(UnitTurn, ARefusedPartialRefundGivesItsReservationBack) {
  OrderStory story = paid();
  story.refund(500);
  EXPECT_EQ(story.answer(Outcome::declined, story.last_saga().id),
            (Names{"PaymentRefundDeclined", "SagaStepDeclined", "SagaCompensationStarted", "SagaCompensated"}));
  EXPECT_EQ(story.order_case.payment.refundable_minor(), 1999);
}

TEST(UnitTurn, ARefusedPartialRefundOfACancelledOrderIsOwedSoItIsParked) {
  OrderStory story = paid();
  story.refund(500);
  const SagaId refund = story.last_saga().id;
  story.cancel();
  EXPECT_EQ(story.answer(Outcome::declined, refund), Names{"SagaParked"});
}

TEST(UnitTurn, RefundsAreBoundedByWhatIsLeft) {
  OrderStory story = paid();
  EXPECT_EQ(story.refund(2000), Names{"!exceeds_refundable"});
  story.refund(1500);
  EXPECT_EQ(story.refund(500), Names{"!exceeds_refundable"});
  EXPECT_EQ(story.refund(499).front(), "PaymentRefundRequested");
  EXPECT_EQ(placed().refund(1), Names{"!not_captured"});
}

TEST(UnitTurn, ShippingAndDeliveringFollowPayment) {
  EXPECT_EQ(placed().ship(), Names{"!not_paid"});
  EXPECT_EQ(paid().deliver(), Names{"!not_shipped"});
  EXPECT_EQ(paid().ship(), Names{"OrderShipped"});
  EXPECT_EQ(shipped().deliver(), Names{"OrderDelivered"});
  EXPECT_EQ(shipped().ship(), Names{"!not_paid"});
}

// R15: a success is never dropped, also when the saga has ended.
TEST(UnitTurn, ALateSuccessIsWrittenDownAndPaidBack) {
  OrderStory story = placed();
  story.answer(Outcome::unknown);
  story.cancel();
  story.answer(Outcome::succeeded);  // voided
  ASSERT_EQ(story.main_saga().status, SagaStatus::compensated);
  const turn::AnswerStep late{OrderStory::saga_id, "payment_processing", saga::Direction::forward, 1,
                              Outcome::succeeded,  {},                   "ext_tx_late",            false};
  EXPECT_EQ(story.tell(late), (Names{"PaymentProcessed", "PaymentRefundRequested", "SagaStarted", "SagaStepRequested"}));
  EXPECT_EQ(story.answer(Outcome::succeeded, story.last_saga().id).back(), "SagaCompleted");
  EXPECT_EQ(story.order_case.payment.status, PaymentStatus::refunded);
  EXPECT_EQ(story.tell(late), Names{});
}

TEST(UnitTurn, EveryEventOfAStorySurvivesItsCodecAndFoldsToTheSameRows) {
  OrderStory story = paid();
  story.refund(500);
  story.answer(Outcome::unknown, story.last_saga().id);
  story.retry(story.last_saga().id);
  story.answer(Outcome::succeeded, story.last_saga().id);
  story.cancel();
  story.answer(Outcome::failed, story.last_saga().id);

  turn::OrderCase folded;
  for (const auto& decided : story.history) {
    const turn::Encoded encoded = turn::encode({{decided}, story.order_case});
    RecordedEvent recorded;
    recorded.stream = decided.stream;
    recorded.version = decided.version;
    recorded.type = encoded.events.front().type;
    recorded.data = encoded.events.front().data;
    ASSERT_TRUE(turn::apply(folded, recorded)) << recorded.type << recorded.data;
  }
  EXPECT_EQ(row_of(folded.order), row_of(story.order_case.order));
  EXPECT_EQ(row_of(folded.payment), row_of(story.order_case.payment));
  ASSERT_EQ(folded.sagas.size(), story.order_case.sagas.size());
  for (std::size_t i = 0; i < folded.sagas.size(); ++i)
    EXPECT_EQ(row_of(folded.sagas[i]), row_of(story.order_case.sagas[i]));
}

}  // namespace
}  // namespace edda
