#pragma once

#include <string>

#include "gateway/simulator.hpp"
#include "http/router.hpp"
#include "paysim/key_memory.hpp"
#include "paysim/options.hpp"
#include "paysim/webhook_sender.hpp"

namespace edda::paysim {

/// The gateway's HTTP API (docs/gateway.md) over the simulator and its ledger, with the faults of the options.
/// Thread-safety: all on the one thread that serves the router. Lifetime: everything referred to outlives the router.
class GatewayRoutes {
 public:
  /// `webhooks` may be null.
  GatewayRoutes(PaymentGateway& simulator, KeyMemory& keys, WebhookSender* webhooks, Clock& clock, const Options& options)
      : simulator_(simulator), keys_(keys), webhooks_(webhooks), clock_(clock), options_(options) {}

  void add_to(http::Router& router);

 private:
  /// One request, read and let in.
  struct Order {
    std::string kind;
    std::string key;
    Money amount;
    std::string about;  ///< refund: the charge's reference; void: the charge's key
    std::vector<std::string> product_ids;
  };
  using Read = Result<Order> (*)(const std::string& body);

  void add(http::Router& router, std::string path, std::string kind, Read read);
  Task<http::Response> serve(http::Request& request, std::string kind, Read read);
  Task<http::Response> perform(const http::Request& request, Order order);
  Task<GatewayAnswer> act(const Order& order);
  Task<GatewayAnswer> send(const Order& order, std::string ledger_key);
  Task<http::Response> look_up(http::Request& request);
  bool may_enter(const http::Request& request) const;

  PaymentGateway& simulator_;
  KeyMemory& keys_;
  WebhookSender* webhooks_;
  Clock& clock_;
  const Options& options_;
};

}  // namespace edda::paysim
