#include "turn/order_process.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "base/planted.hpp"
#include "saga/definitions.hpp"

namespace edda::turn {
namespace {

using saga::Action;
using saga::Direction;

Action action_of(const saga::State& saga, std::string_view step, Direction direction) {
  return turn::action_of(saga, *saga.index_of(step), direction);
}

std::string cancellation_reason(const OrderCase& state, const saga::State& saga) {
  if (state.order.status == OrderStatus::cancelling) return state.order.cancellation_reason;
  if (state.payment.status == PaymentStatus::failed) return "Payment failed: " + state.payment.failure_reason;
  return saga.turning_back ? saga.turn_back_reason : "Closed by an operator";
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
  const Action action = action_of(saga, e.step, e.direction);
  if (action == Action::charge_payment)
    return payment::RequestPayment{state.order.payment, state.order.id, state.order.user, state.order.total};
  if (action != Action::refund_payment || EDDA_PLANTED(refund_without_reservation)) return std::nullopt;
  return payment::ReserveRefund{saga.id, 0, refund_reason(state)};
}

Money took_effect(Action action, SagaId saga, std::string_view reference) {
  if (action == Action::charge_payment) return payment::RecordCapture{std::string(reference)};
  if (action == Action::refund_payment) return payment::RecordRefund{saga, std::string(reference)};
  return std::nullopt;
}

Money without_effect(Action action, SagaId saga, const std::string& reason) {
  if (action == Action::charge_payment) return payment::RecordFailure{reason};
  if (action == Action::refund_payment) return payment::DeclineRefund{saga, reason};
  return std::nullopt;
}

/// A force-close ends requests of which an operator knows that they did nothing.
Money closed(const saga::State& saga) {
  for (const auto& open : saga.open) {
    const Action action = turn::action_of(saga, open.step, open.direction);
    if (auto money = without_effect(action, saga.id, "Closed by an operator")) return money;
  }
  return std::nullopt;
}

}  // namespace

Action action_of(const saga::State& saga, std::size_t step, Direction direction) {
  const auto& definition = saga.step(step);
  return direction == Direction::compensate ? definition.compensation.action : definition.action;
}

order::Command local_command(const OrderCase& state, const saga::State& saga, Action action) {
  EDDA_ASSERT(action == Action::confirm_order || action == Action::cancel_order);
  if (action == Action::confirm_order) return order::ConfirmOrder{};
  return order::CancelOrder{cancellation_reason(state, saga)};
}

std::optional<payment::Command> payment_command(const OrderCase& state, const saga::State& saga,
                                                const saga::Event& event, std::string_view reference) {
  return std::visit(
      overloaded{
          [&](const saga::SagaStepRequested& e) { return requested(state, saga, e); },
          [&](const saga::SagaStepCompleted& e) {
            return took_effect(action_of(saga, e.step, Direction::forward), saga.id, reference);
          },
          [&](const saga::SagaStepCompensated& e) {
            return e.step.empty() ? Money()
                                  : took_effect(action_of(saga, e.step, Direction::compensate), saga.id, reference);
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
          [&](const saga::SagaForceClosed&) { return closed(saga); },
          [](const auto&) { return Money(); },
      },
      event);
}

std::optional<order::Command> order_command(const OrderCase& state, const saga::State& saga, const saga::Event& event) {
  const OrderStatus status = state.order.status;
  const bool own = saga.id == state.order.saga;
  if (const auto* cancel = std::get_if<saga::SagaCancelRequested>(&event); cancel != nullptr && own && status == OrderStatus::pending)
    return order::RequestCancellation{cancel->reason, saga.id};
  const bool carries = own || saga.id == state.order.cancellation_saga;
  const bool on_its_way = status == OrderStatus::pending || status == OrderStatus::cancelling;
  if (std::holds_alternative<saga::SagaForceClosed>(event) && carries && on_its_way)
    return order::CancelOrder{cancellation_reason(state, saga)};
  return std::nullopt;
}

std::vector<std::string> steps_of_cancellation(const OrderCase& state) {
  const saga::State* own = state.find_saga(state.order.saga);
  const auto step = own != nullptr ? own->index_of(saga::stock_reservation) : std::nullopt;
  if (!step || own->steps[*step].status != saga::StepStatus::succeeded) return {};
  return {std::string(saga::stock_release)};
}

bool nothing_to_do(const OrderCase& state, SagaId saga, const saga::NextAction& action) {
  return action.action == Action::refund_payment && !has_refund(state, saga) && state.payment.refundable_minor() <= 0;
}

bool is_owed(const OrderCase& state) {
  if (state.order.status == OrderStatus::cancelling || state.order.status == OrderStatus::cancelled) return true;
  const saga::State* own = state.find_saga(state.order.saga);
  return state.order.status == OrderStatus::pending && own != nullptr && own->turning_back;
}

bool may_give_up(const OrderCase& state, const saga::State& saga) {
  return !is_owed(state) || std::ranges::none_of(saga.definition->steps, [](const saga::Step& step) {
    return step.action == Action::refund_payment;
  });
}

}  // namespace edda::turn
