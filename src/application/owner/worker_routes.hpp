#pragma once

#include <set>
#include <string>
#include <utility>

#include "ports/step_executor.hpp"

namespace edda::owner {

/// Sends the steps that were given to workers there, in all their directions, and all others where they always go.
class WorkerRoutes : public StepExecutor {
 public:
  /// `steps`: names of steps ("payment_processing").
  WorkerRoutes(std::set<std::string> steps, StepExecutor& workers, StepExecutor& others)
      : steps_(std::move(steps)), workers_(workers), others_(others) {}

  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override {
    return (steps_.contains(request.step) ? workers_ : others_).perform(std::move(request), deadline);
  }

 private:
  const std::set<std::string> steps_;
  StepExecutor& workers_;
  StepExecutor& others_;
};

}  // namespace edda::owner
