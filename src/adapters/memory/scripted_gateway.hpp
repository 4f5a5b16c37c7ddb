#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ports/payment_gateway.hpp"

namespace edda::memory {

/// A payment gateway for tests: answers what it was told to, in order, and remembers every call. A request that no script covers is
/// answered `succeeded` with the reference "ref:" and its key, and from then on that key has this one answer. A lookup finds what its
/// key was answered for good, unless a script for lookups says otherwise; it is never held, and no call.
/// Thread-safety: callable from any thread.
class ScriptedGateway final : public PaymentGateway {
 public:
  enum class Kind { charge, refund, void_charge };
  struct Call {
    Kind kind;
    std::string key;
    Money amount;                          ///< nothing for a void
    std::string about;                     ///< refund: the charge's reference; void: the charge's key
    std::vector<std::string> product_ids;  ///< charges
    TraceContext trace{};
  };

  /// The next request of this kind that no answer for its key covers.
  void answer_next(Kind kind, GatewayAnswer answer);
  /// The next request under this key.
  void answer_key(std::string key, GatewayAnswer answer);
  /// The next lookup, of whatever key.
  void answer_lookup(GatewayAnswer answer);

  /// From now on nothing is answered until `release`, whatever the deadlines; a caller that is cancelled meanwhile hears `unknown`.
  void hold();
  void release();

  std::vector<Call> calls() const;
  /// The keys that were looked up.
  std::vector<std::string> lookups() const;
  /// Requests that are held.
  std::size_t waiting() const;

  Task<GatewayAnswer> charge(ChargeRequest request, Deadline deadline) override;
  Task<GatewayAnswer> refund(RefundRequest request, Deadline deadline) override;
  Task<GatewayAnswer> void_charge(VoidRequest request, Deadline deadline) override;
  Task<GatewayAnswer> lookup(LookupRequest request, Deadline deadline) override;

 private:
  using Waiter = std::shared_ptr<boost::asio::steady_timer>;

  Task<GatewayAnswer> serve(Call call);
  /// nullptr when nothing is held.
  Waiter record(const Call& call, const boost::asio::any_io_executor& executor);
  GatewayAnswer next_answer(const Call& call);
  GatewayAnswer scripted_or_settled(const Call& call);

  mutable std::mutex mutex_;
  bool held_ = false;
  std::vector<Waiter> waiters_;
  std::map<Kind, std::deque<GatewayAnswer>> by_kind_;
  std::map<std::string, std::deque<GatewayAnswer>> by_key_;
  std::map<std::string, GatewayAnswer> settled_;
  std::deque<GatewayAnswer> for_lookups_;
  std::vector<Call> calls_;
  std::vector<std::string> lookups_;
};

}  // namespace edda::memory
