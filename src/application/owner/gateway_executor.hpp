#pragma once

#include "ports/step_executor.hpp"

namespace edda::owner {

/// Performs steps in this process, at the payment gateway. A charge or refund that is not the first of its key is preceded by a lookup:
/// what stands at the gateway is the answer; where nothing is found the request is sent again, under the same key, for not found is no
/// proof that nothing happened.
class GatewayExecutor : public StepExecutor {
 public:
  explicit GatewayExecutor(PaymentGateway& gateway) : gateway_(gateway) {}
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

 private:
  Task<GatewayAnswer> send(StepRequest request, Deadline deadline);
  PaymentGateway& gateway_;
};

}  // namespace edda::owner
