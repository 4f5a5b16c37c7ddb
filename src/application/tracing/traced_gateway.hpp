#pragma once

#include "ports/payment_gateway.hpp"
#include "tracing/tracer.hpp"

namespace edda::tracing {

/// A gateway whose calls are spans, and hears of them.
/// Thread-safety: as the gateway's.
class TracedGateway final : public PaymentGateway {
 public:
  /// `tracer` null: calls go through as they are. Both outlive this.
  TracedGateway(PaymentGateway& gateway, Tracer* tracer) : gateway_(gateway), tracer_(tracer) {}

  Task<GatewayAnswer> charge(ChargeRequest request, Deadline deadline) override;
  Task<GatewayAnswer> refund(RefundRequest request, Deadline deadline) override;
  Task<GatewayAnswer> void_charge(VoidRequest request, Deadline deadline) override;
  Task<GatewayAnswer> lookup(LookupRequest request, Deadline deadline) override;

 private:
  template <class Request>
  using Call = Task<GatewayAnswer> (PaymentGateway::*)(Request, Deadline);
  template <class Request>
  Task<GatewayAnswer> pass(Call<Request> call, const char* name, Request request, Deadline deadline);
  template <class Request>
  Task<GatewayAnswer> traced(Call<Request> call, const char* name, Request request, Deadline deadline);

  PaymentGateway& gateway_;
  Tracer* const tracer_;
};

}  // namespace edda::tracing
