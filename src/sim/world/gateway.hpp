#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernel/kernel.hpp"
#include "ports/clock.hpp"
#include "ports/payment_gateway.hpp"
#include "world/links.hpp"

namespace edda::sim {

/// Something the gateway did. Never changed; what the checks hold the log against.
struct GatewayEffect {
  enum class Kind { charge, refund };
  Kind kind = Kind::charge;
  std::string key;
  Money amount;
  std::string reference;
  std::string charge;  ///< refund: of which charge
};

/// How the gateway behaves in a run, beyond its faults.
struct GatewaySettings {
  int refund_declined_permille = 0;
  Duration retention = std::chrono::hours(24);  ///< older keys are forgotten, where Fault::gateway_forgets is on
};

/// The payment gateway: one service for all nodes, with its own memory. A key has one effect and one answer, as long as it is remembered.
/// Whether a charge is declined is a function of its amount (declines()), so that the verdict does not depend on when it is asked.
class Gateway {
 public:
  Gateway(Kernel& kernel, GatewaySettings settings) : kernel_(kernel), settings_(settings) {}

  /// Charges of such an amount are declined: one in ten.
  static bool declines(Money amount) { return amount.minor % 10 == 7; }

  // What a request does when it arrives; the answer is what the gateway would say, if its answer arrives. `stuck`: it was on its way for long.
  GatewayAnswer charge(const ChargeRequest& request, bool stuck = false);
  GatewayAnswer refund(const RefundRequest& request);
  GatewayAnswer void_charge(const VoidRequest& request);
  GatewayAnswer lookup(const std::string& key);

  /// The last word about a key, as the gateway's support gives it to a person: the reference of what was done under it, or nothing, and
  /// then nothing will be.
  std::string settle(const std::string& key);

  /// From now until then connections are refused.
  void go_down(SteadyTime until) { down_until_ = std::max(down_until_, until); }
  void come_back() { down_until_ = {}; }
  bool is_down() const { return kernel_.scheduler.now() < down_until_; }

  const std::vector<GatewayEffect>& effects() const { return effects_; }
  /// Told of each effect: the webhooks.
  std::function<void(const GatewayEffect&)> on_effect;
  /// R12: a node sends a request that acts under `key`. Nothing may be sent later than half of the retention after the first request.
  void sent(const std::string& key);
  /// A fail-over took back that some requests were ever sent: nobody knows any more how old their keys are.
  void senders_forgot() { senders_know_ = false; }
  Kernel& kernel() { return kernel_; }

 private:
  struct Entry {
    GatewayAnswer answer;
    Money amount;
    bool error = false;  ///< answered with a 5xx, now and for ever
    SteadyTime at;
  };

  /// What is remembered under the key; a forgotten one is nothing.
  const Entry* remembered(const std::string& key);
  GatewayAnswer decide(const std::string& key, Money amount, GatewayAnswer verdict, bool error);
  GatewayAnswer again(const std::string& key, const Entry& entry, Money amount);
  std::string effect(GatewayEffect::Kind kind, const std::string& key, Money amount, std::string charge);

  Kernel& kernel_;
  const GatewaySettings settings_;
  SteadyTime down_until_{};
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_set<std::string> voided_;                 ///< keys under which nothing may happen any more
  std::unordered_map<std::string, std::int64_t> refunded_; ///< by the charge's reference, minor units
  std::unordered_map<std::string, SteadyTime> first_sent_;
  bool senders_know_ = true;
  std::vector<GatewayEffect> effects_;
};

/// A node's way to the gateway: requests and answers travel, get lost, come late. No answer by the deadline is `unknown`.
class GatewayPort final : public PaymentGateway {
 public:
  GatewayPort(Gateway& gateway, Actor& node, Clock& clock, const Links& links)
      : gateway_(gateway), node_(node), clock_(clock), links_(links) {}

  Task<GatewayAnswer> charge(ChargeRequest request, Deadline deadline) override;
  Task<GatewayAnswer> refund(RefundRequest request, Deadline deadline) override;
  Task<GatewayAnswer> void_charge(VoidRequest request, Deadline deadline) override;
  Task<GatewayAnswer> lookup(LookupRequest request, Deadline deadline) override;

 private:
  /// `act` is what the request does when it arrives.
  Task<GatewayAnswer> send(std::function<GatewayAnswer(bool stuck)> act, std::string_view kind, Deadline deadline);

  Gateway& gateway_;
  Actor& node_;
  Clock& clock_;
  const Links& links_;
};

}  // namespace edda::sim
