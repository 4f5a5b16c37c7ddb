#pragma once

#include "ports/step_executor.hpp"

namespace edda::owner {

/// Performs steps in this process, at the payment gateway.
class GatewayExecutor : public StepExecutor {
 public:
  explicit GatewayExecutor(PaymentGateway& gateway) : gateway_(gateway) {}
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

 private:
  PaymentGateway& gateway_;
};

}  // namespace edda::owner
