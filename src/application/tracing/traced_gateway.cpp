#include "tracing/traced_gateway.hpp"

#include "tracing/outcome.hpp"

namespace edda::tracing {

Task<GatewayAnswer> TracedGateway::charge(ChargeRequest request, Deadline deadline) {
  return pass(&PaymentGateway::charge, "payment_gateway charge", std::move(request), deadline);
}

Task<GatewayAnswer> TracedGateway::refund(RefundRequest request, Deadline deadline) {
  return pass(&PaymentGateway::refund, "payment_gateway refund", std::move(request), deadline);
}

Task<GatewayAnswer> TracedGateway::void_charge(VoidRequest request, Deadline deadline) {
  return pass(&PaymentGateway::void_charge, "payment_gateway void", std::move(request), deadline);
}

Task<GatewayAnswer> TracedGateway::lookup(LookupRequest request, Deadline deadline) {
  return pass(&PaymentGateway::lookup, "payment_gateway lookup", std::move(request), deadline);
}

/// No coroutine of its own where nothing is traced.
template <class Request>
Task<GatewayAnswer> TracedGateway::pass(Call<Request> call, const char* name, Request request, Deadline deadline) {
  if (tracer_ == nullptr || !request.trace.sampled) return (gateway_.*call)(std::move(request), deadline);
  return traced(call, name, std::move(request), deadline);
}

template <class Request>
Task<GatewayAnswer> TracedGateway::traced(Call<Request> call, const char* name, Request request, Deadline deadline) {
  Span span = tracer_->begin(request.trace, SpanKind::client, name);
  span.attributes = {{"peer.service", "payment_gateway"}, {"edda.step.key", request.key}};
  request.trace = span.context;
  GatewayAnswer answer = co_await (gateway_.*call)(std::move(request), deadline);
  note(span, answer);
  tracer_->end(std::move(span));
  co_return answer;
}

}  // namespace edda::tracing
