#include "owner/step_router.hpp"

namespace edda::owner {

Task<GatewayAnswer> StepRouter::perform(StepRequest request, Deadline deadline) {
  const bool stock =
      request.action == saga::Action::reserve_stock || request.action == saga::Action::release_stock;
  return (stock ? stock_ : gateway_).perform(std::move(request), deadline);
}

}  // namespace edda::owner
