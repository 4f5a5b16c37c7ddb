#include "owner/step_router.hpp"

#include "saga/definitions.hpp"

namespace edda::owner {

Task<GatewayAnswer> StepRouter::perform(StepRequest request, Deadline deadline) {
  const bool stock =
      request.action == saga::Action::reserve_stock || request.action == saga::Action::release_stock;
  const bool charge = request.step == saga::payment_processing;
  return (stock ? stock_ : charge ? charges_ : gateway_).perform(std::move(request), deadline);
}

}  // namespace edda::owner
