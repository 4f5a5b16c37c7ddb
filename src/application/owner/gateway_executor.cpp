#include "owner/gateway_executor.hpp"

namespace edda::owner {

Task<GatewayAnswer> GatewayExecutor::perform(StepRequest request, Deadline deadline) {
  if (request.direction == saga::Direction::void_request)
    co_return co_await gateway_.void_charge({std::move(request.key), std::move(request.forward_key)}, deadline);
  switch (request.action) {
    case saga::Action::charge_payment:
      co_return co_await gateway_.charge({std::move(request.key), request.amount, std::move(request.product_ids)},
                                         deadline);
    case saga::Action::refund_payment:
      co_return co_await gateway_.refund({std::move(request.key), std::move(request.charge_reference), request.amount},
                                         deadline);
    case saga::Action::confirm_order:
    case saga::Action::cancel_order: break;
  }
  co_return GatewayAnswer{saga::Outcome::failed, {}, "this step is not performed outside"};
}

}  // namespace edda::owner
