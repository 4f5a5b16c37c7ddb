#include "turn/order_process.hpp"

#include "base/assert.hpp"
#include "base/overloaded.hpp"

namespace edda::turn {
namespace {

using saga::Action;
using saga::Direction;

/// The action that a step's request in this direction performs; for a void, the action that is voided.
Action action_of(const saga::State& saga, std::string_view step, Direction direction) {
  const auto& definition = saga.step(*saga.index_of(step));
  return direction == Direction::compensate ? definition.compensation.action : definition.action;
}

std::string cancellation_reason(const OrderCase& state) {
  if (state.order.status == OrderStatus::cancelling) return state.order.cancellation_reason;
  return "Payment failed: " + state.payment.failure_reason;
}

bool has_refund(const OrderCase& state, SagaId saga) {
  for (const auto& refund : state.payment.refunds)
    if (refund.saga == saga) return true;
  return false;
}

/// The reason under which money is given back by a saga that did not reserve it at its start.
std::string refund_reason(const OrderCase& state) {
  return state.order.cancellation_reason.empty() ? "Order cancelled" : state.order.cancellation_reason;
}

using Money = std::optional<payment::Command>;

Money requested(const OrderCase& state, const saga::State& saga, const saga::SagaStepRequested& e) {
  if (e.attempt > 1 || e.direction == Direction::void_request) return std::nullopt;
  if (action_of(saga, e.step, e.direction) == Action::charge_payment)
    return payment::RequestPayment{state.order.payment, state.order.id, state.order.user, state.order.total};
  return payment::ReserveRefund{saga.id, 0, refund_reason(state)};
}

Money took_effect(Action action, SagaId saga, const AnswerStep* cause) {
  const std::string reference = cause != nullptr ? cause->reference : std::string();
  if (action == Action::charge_payment) return payment::RecordCapture{reference};
  if (action == Action::refund_payment) return payment::RecordRefund{saga, reference};
  return std::nullopt;
}

Money without_effect(Action action, SagaId saga, const std::string& reason) {
  if (action == Action::charge_payment) return payment::RecordFailure{reason};
  if (action == Action::refund_payment) return payment::DeclineRefund{saga, reason};
  return std::nullopt;
}

}  // namespace

order::Command local_command(const OrderCase& state, Action action) {
  switch (action) {
    case Action::confirm_order: return order::ConfirmOrder{};
    case Action::cancel_order: return order::CancelOrder{cancellation_reason(state)};
    case Action::charge_payment:
    case Action::refund_payment: break;
  }
  assertion_failed("an outside action cannot be decided locally", __FILE_NAME__, __LINE__);
}

std::optional<payment::Command> payment_command(const OrderCase& state, const saga::State& saga,
                                                const saga::Event& event, const AnswerStep* cause) {
  return std::visit(
      overloaded{
          [&](const saga::SagaStepRequested& e) { return requested(state, saga, e); },
          [&](const saga::SagaStepCompleted& e) {
            return took_effect(action_of(saga, e.step, Direction::forward), saga.id, cause);
          },
          [&](const saga::SagaStepCompensated& e) {
            return e.step.empty() ? Money()
                                  : took_effect(action_of(saga, e.step, Direction::compensate), saga.id, cause);
          },
          [&](const saga::SagaStepDeclined& e) {
            return without_effect(action_of(saga, e.step, e.direction), saga.id, e.reason);
          },
          [&](const saga::SagaStepFailed& e) {
            return e.ended ? without_effect(action_of(saga, e.step, e.direction), saga.id, e.reason) : Money();
          },
          [&](const saga::SagaStepVoided& e) {
            return without_effect(action_of(saga, e.step, Direction::forward), saga.id, "Voided before it took effect");
          },
          [](const auto&) { return Money(); },
      },
      event);
}

bool nothing_to_do(const OrderCase& state, SagaId saga, const saga::NextAction& action) {
  return action.action == Action::refund_payment && !has_refund(state, saga) && state.payment.refundable_minor() <= 0;
}

bool may_give_up(const OrderCase& state, const saga::State& saga, std::size_t step) {
  const bool owed = state.order.status == OrderStatus::cancelling || state.order.status == OrderStatus::cancelled;
  return !(owed && saga.step(step).action == Action::refund_payment);
}

}  // namespace edda::turn
