#include "tracing/traced_steps.hpp"

#include "tracing/outcome.hpp"

namespace edda::tracing {

Span TracedSteps::begin(const StepRequest& request) {
  const bool consumes = naming_.kind == SpanKind::consumer;
  const std::string what = consumes ? "process" : "send";
  Span span = tracer_->begin(request.trace, naming_.kind, naming_.topic.empty() ? "step " + request.step : what + " " + naming_.topic);
  span.attributes = {{"edda.order.id", to_string(request.order)},
                     {"edda.saga.id", to_string(request.saga)},
                     {"edda.step.name", request.step},
                     {"edda.step.direction", std::string(to_string(request.direction))},
                     {"edda.step.attempt", std::int64_t{request.attempt}}};
  if (naming_.topic.empty()) return span;
  span.attributes.push_back({"messaging.system", "kafka"});
  span.attributes.push_back({"messaging.operation.type", what});
  span.attributes.push_back({"messaging.destination.name", naming_.topic});
  return span;
}

Task<GatewayAnswer> TracedSteps::traced(StepRequest request, Deadline deadline) {
  Span span = begin(request);
  request.trace = span.context;
  GatewayAnswer answer = co_await steps_.perform(std::move(request), deadline);
  note(span, answer);
  tracer_->end(std::move(span));
  co_return answer;
}

}  // namespace edda::tracing
