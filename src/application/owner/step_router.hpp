#pragma once

#include "ports/step_executor.hpp"

namespace edda::owner {

/// Sends each step to the one who can perform it.
class StepRouter : public StepExecutor {
 public:
  /// `charges`: performs everything about an order's charge; null: the gateway does.
  StepRouter(StepExecutor& gateway, StepExecutor& stock, StepExecutor* charges = nullptr)
      : gateway_(gateway), stock_(stock), charges_(charges != nullptr ? *charges : gateway) {}
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

 private:
  StepExecutor& gateway_;
  StepExecutor& stock_;
  StepExecutor& charges_;
};

}  // namespace edda::owner
