#include "paysim/paysim.hpp"

#include "gateway/simulator.hpp"
#include "http/server.hpp"
#include "paysim/gateway_routes.hpp"
#include "paysim/key_memory.hpp"
#include "paysim/webhook_sender.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::paysim {
namespace {

constexpr std::chrono::milliseconds drain{200};

http::ServerOptions server_options(const Options& options) {
  http::ServerOptions server;
  server.address = options.host;
  server.port = options.port;
  return server;
}

}  // namespace

/// In the order of their dependencies; destroyed in reverse.
struct Paysim::Parts {
  Parts(boost::asio::any_io_executor executor, Options given, std::unique_ptr<system::SystemClock> time,
        std::unique_ptr<gateway::Ledger> book, std::unique_ptr<WebhookSender> sender)
      : options(std::move(given)),
        clock(std::move(time)),
        ledger(std::move(book)),
        simulator(*clock, *ledger, options.simulator),
        keys(*ledger, *clock, options.forget_keys_after),
        webhooks(std::move(sender)),
        routes(simulator, keys, webhooks.get(), *clock, options),
        router({.cors_open = false}),
        server(std::move(executor), router, *clock, random, server_options(options)) {
    routes.add_to(router);
  }

  const Options options;
  const std::unique_ptr<system::SystemClock> clock;
  system::SystemRandom random;
  std::unique_ptr<gateway::Ledger> ledger;
  gateway::PaymentSimulator simulator;
  KeyMemory keys;
  std::unique_ptr<WebhookSender> webhooks;
  GatewayRoutes routes;
  http::Router router;
  http::Server server;
};

Result<std::unique_ptr<Paysim>> Paysim::open(boost::asio::any_io_executor executor, Options options) {
  auto clock = std::make_unique<system::SystemClock>();
  TRY(auto ledger, gateway::Ledger::open({.path = options.ledger}));
  std::unique_ptr<WebhookSender> webhooks;
  if (!options.webhook_url.empty()) {
    TRY(webhooks, WebhookSender::open(executor, *clock, {options.webhook_url, options.webhook_secret, options.webhook_faults}));
  }
  return std::unique_ptr<Paysim>(
      new Paysim(std::make_unique<Parts>(std::move(executor), std::move(options), std::move(clock), std::move(ledger),
                                         std::move(webhooks))));
}

Paysim::Paysim(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Paysim::~Paysim() = default;

Result<void> Paysim::start() { return parts_->server.start(); }
std::uint16_t Paysim::port() const { return parts_->server.port(); }
GatewayLedger& Paysim::ledger() { return *parts_->ledger; }

Task<void> Paysim::stop() {
  if (parts_->webhooks) co_await parts_->webhooks->stop();
  co_await parts_->server.stop(parts_->clock->deadline_in(drain));
}

}  // namespace edda::paysim
