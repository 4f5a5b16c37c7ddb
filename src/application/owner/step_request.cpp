#include "owner/step_request.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"

namespace edda::owner {
namespace {

std::int64_t reserved_for(const turn::OrderCase& state, SagaId saga) {
  for (const auto& refund : state.payment.refunds)
    if (refund.saga == saga) return refund.minor;
  return 0;
}

}  // namespace

std::string step_key(SagaId saga, std::string_view step, saga::Direction direction) {
  return fmt::format("{}/{}/{}", to_string(saga), step, to_string(direction));
}

StepRequest step_request(const turn::OrderCase& state, const saga::State& saga) {
  EDDA_ASSERT(saga.open.has_value());
  const auto& open = *saga.open;
  const auto& step = saga.step(open.step);
  StepRequest request;
  request.saga = saga.id;
  request.order = state.order.id;
  request.step = step.name;
  request.direction = open.direction;
  request.attempt = open.attempt;
  request.action = open.direction == saga::Direction::compensate ? step.compensation.action : step.action;
  request.key = step_key(saga.id, step.name, open.direction);
  if (open.direction == saga::Direction::void_request)
    request.forward_key = step_key(saga.id, step.name, saga::Direction::forward);
  const bool refund = request.action == saga::Action::refund_payment;
  request.amount = Money{refund ? reserved_for(state, saga.id) : state.order.total.minor, state.order.total.currency};
  request.charge_reference = state.payment.external_transaction_id;
  if (!refund && state.order.items)
    for (const auto& item : *state.order.items) request.product_ids.push_back(item.product_id);
  return request;
}

}  // namespace edda::owner
