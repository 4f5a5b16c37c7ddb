#pragma once

#include <chrono>
#include <string>

#include "gateway/http_client.hpp"
#include "gateway/repeated_errors.hpp"
#include "ports/payment_gateway.hpp"

namespace edda::gateway {

struct HttpGatewaySettings {
  Endpoint endpoint;
  std::string secret = {};                  ///< sent as a bearer token; empty: none
  std::chrono::milliseconds timeout{8'000};  ///< of one request; a nearer deadline wins
  std::size_t connections_max = 32;
};

/// A payment gateway that is spoken to over HTTP, as docs/gateway.md describes it. `edda paysim` is one.
///
/// An error under a key that is the very answer this key got before is `unknown`, whatever it says (R21): the gateway replays what it
/// stored, which tells nothing of this send. A step's key goes out unchanged, in the header Idempotency-Key.
/// Thread-safety: callable from any thread; answers on the caller's executor.
class HttpGateway final : public PaymentGateway {
 public:
  HttpGateway(boost::asio::any_io_executor executor, Clock& clock, HttpGatewaySettings settings);

  Task<GatewayAnswer> charge(ChargeRequest request, Deadline deadline) override;
  Task<GatewayAnswer> refund(RefundRequest request, Deadline deadline) override;
  Task<GatewayAnswer> void_charge(VoidRequest request, Deadline deadline) override;
  Task<GatewayAnswer> lookup(LookupRequest request, Deadline deadline) override;

 private:
  Task<GatewayAnswer> post(std::string target, std::string key, std::string body, TraceContext trace, Deadline deadline);
  Deadline bounded(Deadline deadline) const;

  Clock& clock_;
  const HttpGatewaySettings settings_;
  HttpClient client_;
  RepeatedErrors errors_;
};

}  // namespace edda::gateway
