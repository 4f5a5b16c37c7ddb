#pragma once

#include <mutex>
#include <unordered_map>

#include "gateway/ledger.hpp"
#include "gateway/settings.hpp"
#include "gateway/verdict.hpp"
#include "ports/clock.hpp"
#include "ports/payment_gateway.hpp"

namespace edda::gateway {

/// A payment gateway in this process, for trying Edda out and for breaking it. Its verdict on a charge is a pure function of request and
/// settings; what it did stands in its ledger, which answers every repeated key (R21). The effect happens at some point within the
/// latency, as in life: a caller that dies meanwhile cannot know whether it did. A lookup is answered at once and meets no fault.
/// Requests with a key that no ledger line can hold, or an amount out of range, are declined without an entry.
/// Thread-safety: callable from any thread.
class PaymentSimulator final : public PaymentGateway {
 public:
  PaymentSimulator(Clock& clock, Ledger& ledger, SimulatorSettings settings)
      : clock_(clock), ledger_(ledger), settings_(settings) {}

  Task<GatewayAnswer> charge(ChargeRequest request, Deadline deadline) override;
  Task<GatewayAnswer> refund(RefundRequest request, Deadline deadline) override;
  Task<GatewayAnswer> void_charge(VoidRequest request, Deadline deadline) override;
  Task<GatewayAnswer> lookup(LookupRequest request, Deadline deadline) override;

 private:
  GatewayAnswer act(const ChargeRequest& request);
  GatewayAnswer act(const RefundRequest& request);
  GatewayAnswer act(const VoidRequest& request);

  template <class Request>
  Task<GatewayAnswer> serve(Request request, Deadline deadline);
  template <class Request>
  GatewayAnswer act_unless_faulty(const Request& request, Fault fault);

  bool deals_faults() const { return settings_.failed_rate > 0 || settings_.unknown_rate > 0; }
  int faults_met(const std::string& key);
  void remember_fault(const std::string& key);

  Clock& clock_;
  Ledger& ledger_;
  const SimulatorSettings settings_;
  std::mutex faults_mutex_;
  std::unordered_map<std::size_t, int> faults_;  ///< by hash of the key; only keys that met one
};

}  // namespace edda::gateway
