#pragma once

#include <string>

#include "ports/step_executor.hpp"
#include "tracing/tracer.hpp"

namespace edda::tracing {

struct StepNaming {
  SpanKind kind = SpanKind::internal;
  std::string topic = {};  ///< that the step comes or goes by; empty: the span is named after the step
};

/// Steps that are spans: of their attempts at the owner, or of their messages on the way to a worker and there.
/// Thread-safety: as the executor's.
class TracedSteps final : public StepExecutor {
 public:
  /// `tracer` null: steps go through as they are. Both outlive this.
  TracedSteps(StepExecutor& steps, Tracer* tracer, StepNaming naming = {}) : steps_(steps), tracer_(tracer), naming_(std::move(naming)) {}

  /// No coroutine of its own where nothing is traced.
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override {
    if (tracer_ == nullptr || !request.trace.sampled) return steps_.perform(std::move(request), deadline);
    return traced(std::move(request), deadline);
  }

 private:
  Span begin(const StepRequest& request);
  Task<GatewayAnswer> traced(StepRequest request, Deadline deadline);

  StepExecutor& steps_;
  Tracer* const tracer_;
  const StepNaming naming_;
};

}  // namespace edda::tracing
