#include "owner/step_request.hpp"

#include <fmt/format.h>

#include <map>

#include "base/assert.hpp"
#include "base/planted.hpp"
#include "saga/definitions.hpp"

namespace edda::owner {
namespace {

std::int64_t reserved_for(const turn::OrderCase& state, SagaId saga) {
  for (const auto& refund : state.payment.refunds)
    if (refund.saga == saga) return refund.minor;
  return 0;
}

std::vector<std::string> products_of(const turn::OrderCase& state) {
  std::vector<std::string> products;
  if (!state.order.items) return products;
  for (const auto& item : *state.order.items) products.push_back(item.product_id);
  return products;
}

std::vector<StockLine> lines_of(const turn::OrderCase& state) {
  std::map<std::string, std::int64_t> quantities;
  if (state.order.items)
    for (const auto& item : *state.order.items) quantities[item.product_id] += item.quantity.thousandths;
  std::vector<StockLine> lines;
  for (const auto& [product, quantity] : quantities) lines.push_back({product, quantity});
  return lines;
}

}  // namespace

std::string step_key(SagaId saga, std::string_view step, saga::Direction direction) {
  return fmt::format("{}/{}/{}", to_string(saga), step, to_string(direction));
}

StepRequest step_request(const turn::OrderCase& state, const saga::State& saga, const saga::OpenRequest& open) {
  EDDA_ASSERT(!open.wait);
  const auto& step = saga.step(open.step);
  StepRequest request;
  request.saga = saga.id;
  request.order = state.order.id;
  request.step = step.name;
  request.direction = open.direction;
  request.attempt = open.attempt;
  request.trace = saga.trace;
  request.action = open.direction == saga::Direction::compensate ? step.compensation.action : step.action;
  request.key = step_key(saga.id, step.name, open.direction);
  if (EDDA_PLANTED(fresh_key_per_attempt)) request.key += fmt::format("/{}", open.attempt);
  request.not_after = saga::not_after(saga, open);
  if (open.direction == saga::Direction::void_request)
    request.forward_key = step_key(saga.id, step.name, saga::Direction::forward);
  const bool refund = request.action == saga::Action::refund_payment;
  request.amount = Money{refund ? reserved_for(state, saga.id) : state.order.total.minor, state.order.total.currency};
  request.charge_reference = state.payment.external_transaction_id;
  if (request.action == saga::Action::charge_payment) request.product_ids = products_of(state);
  if (request.action == saga::Action::reserve_stock || request.action == saga::Action::release_stock)
    request.lines = lines_of(state);
  // Whichever saga gives it back, what was reserved was reserved by the order's own.
  if (request.action == saga::Action::release_stock)
    request.forward_key = step_key(state.order.saga, saga::stock_reservation, saga::Direction::forward);
  return request;
}

}  // namespace edda::owner
