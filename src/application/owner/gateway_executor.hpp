#pragma once

#include "ports/clock.hpp"
#include "ports/step_executor.hpp"

namespace edda::owner {

/// Performs steps in this process, at the payment gateway. A charge or refund that is not the first of its key is preceded by a lookup:
/// what stands at the gateway is the answer; where nothing is found the request is sent again, under the same key, for not found is no
/// proof that nothing happened. Past `not_after` nothing is sent any more, for the gateway may have forgotten the key and would act a
/// second time (R12); what it still remembers is an answer.
class GatewayExecutor : public StepExecutor {
 public:
  /// Without a clock `not_after` is not looked at: for tests whose keys are never forgotten.
  explicit GatewayExecutor(PaymentGateway& gateway, Clock* clock = nullptr) : gateway_(gateway), clock_(clock) {}
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

 private:
  Task<GatewayAnswer> send(StepRequest request, Deadline deadline);
  bool is_too_late(const StepRequest& request) const;

  PaymentGateway& gateway_;
  Clock* const clock_;
};

}  // namespace edda::owner
