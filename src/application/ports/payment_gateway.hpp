#pragma once

#include <string>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "base/trace_context.hpp"
#include "ports/task.hpp"
#include "saga/engine.hpp"

namespace edda {

/// What the gateway said of one request under its key.
struct GatewayAnswer {
  saga::Outcome outcome = saga::Outcome::unknown;
  std::string reference;  ///< the gateway's id of the effect, when it succeeded
  std::string reason;     ///< for people, when it did not
};

/// Whether asking again under the same key can bring no other answer.
inline bool is_final(const GatewayAnswer& answer) {
  return answer.outcome == saga::Outcome::succeeded || answer.outcome == saga::Outcome::declined;
}

struct ChargeRequest {
  std::string key;  ///< the same for every attempt: saga id / step / direction
  Money amount;
  std::vector<std::string> product_ids;
  TraceContext trace{};  ///< told to the gateway
};
struct RefundRequest {
  std::string key;
  std::string charge_reference;  ///< of the charge to pay back from
  Money amount;
  TraceContext trace{};
};
struct VoidRequest {
  std::string key;
  std::string charge_key;  ///< the key under which the charge was asked for
  TraceContext trace{};
};
struct LookupRequest {
  std::string key;
  TraceContext trace{};
};

/// Moves money. A request repeated under its key has one effect and one answer.
/// A gateway that gives no answer by the deadline, or none that can be understood, is `unknown`, never `failed`: `failed` means that
/// this send surely did nothing.
/// Thread-safety: callable from any thread; answers on the caller's executor.
class PaymentGateway {
 public:
  virtual ~PaymentGateway() = default;
  virtual Task<GatewayAnswer> charge(ChargeRequest request, Deadline deadline) = 0;
  virtual Task<GatewayAnswer> refund(RefundRequest request, Deadline deadline) = 0;
  /// succeeded: nothing took or will take effect under the charge's key. declined: the charge had taken effect before (reference names it).
  virtual Task<GatewayAnswer> void_charge(VoidRequest request, Deadline deadline) = 0;
  /// What stands under the key of any request: succeeded or declined, as the request itself would be answered; the key of a voided
  /// charge is declined. `unknown` when nothing stands there, or nobody answered: a request that was sent may still be under way, and a
  /// gateway may forget keys, so this never means that nothing happened. Never `failed`.
  virtual Task<GatewayAnswer> lookup(LookupRequest request, Deadline deadline) = 0;
};

}  // namespace edda
