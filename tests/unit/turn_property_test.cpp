// Whatever commands and answers come in whatever order, the promises hold. RapidCheck prints the seed; RC_PARAMS="seed=N" replays it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/order_story.hpp"

namespace edda {
namespace {

using testing_support::OrderStory;

saga::Outcome any_outcome(unsigned draw) { return static_cast<saga::Outcome>(draw % 4); }

/// One random thing that can happen to the order; `draw` decides.
void happen(OrderStory& story, unsigned draw) {
  auto& state = story.order_case;
  const unsigned what = draw % 8;
  if (what == 0) return void(story.cancel());
  if (what == 1) return void(story.ship());
  if (what == 2) return void(story.deliver());
  if (what == 3) return void(story.refund(1 + draw % 700));
  if (state.sagas.empty()) return;
  const auto& saga = state.sagas[(draw / 8) % state.sagas.size()];
  if (what == 7 && draw % 3 == 0) {  // an answer out of the blue: doubled, late or for another attempt
    story.tell(turn::AnswerStep{saga.id, "payment_processing", saga::Direction::forward, static_cast<int>(draw % 6),
                                any_outcome(draw / 64), "?", "ext_tx_1", draw % 5 == 0});
    return;
  }
  if (saga.open.empty()) return;
  if (saga.open.front().retry_in)
    story.retry(saga.id);
  else
    story.answer(any_outcome(draw / 64), saga.id);
}

bool has_next_move(const saga::State& saga) {
  return saga.status == SagaStatus::parked || saga.status == SagaStatus::paused || !saga.open.empty();
}

void check(const OrderStory& story) {
  const auto& state = story.order_case;
  std::int64_t reserved = 0;
  for (const auto& refund : state.payment.refunds)
    if (refund.status != payment::Refund::Status::declined) reserved += refund.minor;
  RC_ASSERT(reserved <= (state.payment.captured() ? state.payment.amount.minor : 0));
  for (const auto& saga : state.sagas) {
    RC_ASSERT(saga.ended() || has_next_move(saga));  // R18
    RC_ASSERT(!saga.ended() || saga.open.empty());         // R14
  }
  // An order is cancelled only when no money of it is left here, or what is left is reserved to go back.
  if (state.order.status == OrderStatus::cancelled) RC_ASSERT(state.payment.refundable_minor() == 0);
  if (state.order.status == OrderStatus::paid) RC_ASSERT(state.payment.captured());
}

RC_GTEST_PROP(UnitTurnProperty, PromisesHoldInAnyStory, (std::vector<unsigned> draws)) {
  OrderStory story;
  story.place();
  for (const unsigned draw : draws) {
    happen(story, draw);
    check(story);
  }
}

// Once answers come (and the gateway stops losing them), every story ends: promise 2.
RC_GTEST_PROP(UnitTurnProperty, EveryStoryEndsOrIsParked, (std::vector<unsigned> draws, bool yes)) {
  OrderStory story;
  story.place();
  for (const unsigned draw : draws) happen(story, draw);
  for (int round = 0; round < 64; ++round) {
    for (const auto& saga : std::vector(story.order_case.sagas)) {
      const auto* now = story.order_case.find_saga(saga.id);
      if (now->ended() || now->open.empty()) continue;
      if (now->open.front().retry_in)
        story.retry(saga.id);
      else
        story.answer(yes ? saga::Outcome::succeeded : saga::Outcome::declined, saga.id);
    }
  }
  bool parked = false;
  for (const auto& saga : story.order_case.sagas) {
    RC_ASSERT(saga.ended() || saga.status == SagaStatus::parked);
    parked = parked || saga.status == SagaStatus::parked;
  }
  if (!parked) RC_ASSERT(story.order_case.order.status != OrderStatus::cancelling);
  if (!parked) RC_ASSERT(story.order_case.order.status != OrderStatus::pending);
}

}  // namespace
}  // namespace edda
