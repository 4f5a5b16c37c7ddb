#include "owner/gateway_executor.hpp"

#include "base/planted.hpp"

namespace edda::owner {
namespace {

bool moves_money(const StepRequest& request) {
  if (request.direction == saga::Direction::void_request) return false;
  return request.action == saga::Action::charge_payment || request.action == saga::Action::refund_payment;
}

}  // namespace

Task<GatewayAnswer> GatewayExecutor::perform(StepRequest request, Deadline deadline) {
  const bool late = is_too_late(request);
  if (moves_money(request) && (request.attempt > 1 || request.resent || late)) {
    auto found = co_await gateway_.lookup({request.key, request.trace}, deadline);
    if (is_final(found)) co_return found;
    if (EDDA_PLANTED(not_found_as_failed)) co_return GatewayAnswer{saga::Outcome::failed, {}, "not found"};
  }
  if (late) co_return GatewayAnswer{saga::Outcome::failed, {}, "not sent: the gateway may have forgotten the key"};
  co_return co_await send(std::move(request), deadline);
}

bool GatewayExecutor::is_too_late(const StepRequest& request) const {
  return clock_ != nullptr && request.not_after && clock_->now() > *request.not_after;
}

Task<GatewayAnswer> GatewayExecutor::send(StepRequest request, Deadline deadline) {
  if (request.direction == saga::Direction::void_request)
    co_return co_await gateway_.void_charge({std::move(request.key), std::move(request.forward_key), request.trace}, deadline);
  switch (request.action) {
    case saga::Action::charge_payment:
      co_return co_await gateway_.charge({std::move(request.key), request.amount, std::move(request.product_ids), request.trace},
                                         deadline);
    case saga::Action::refund_payment:
      co_return co_await gateway_.refund({std::move(request.key), std::move(request.charge_reference), request.amount, request.trace},
                                         deadline);
    default: break;
  }
  co_return GatewayAnswer{saga::Outcome::failed, {}, "this step is not performed outside"};
}

}  // namespace edda::owner
