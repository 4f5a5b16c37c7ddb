#pragma once

#include "ports/step_executor.hpp"

namespace edda::owner {

/// Sends each step to the one who can perform it.
class StepRouter : public StepExecutor {
 public:
  StepRouter(StepExecutor& gateway, StepExecutor& stock) : gateway_(gateway), stock_(stock) {}
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

 private:
  StepExecutor& gateway_;
  StepExecutor& stock_;
};

}  // namespace edda::owner
