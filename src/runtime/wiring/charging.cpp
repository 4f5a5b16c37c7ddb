#include "wiring/charging.hpp"

#include <filesystem>

#include "gateway/http_gateway.hpp"
#include "gateway/simulator.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {

http::Component Charging::health() const {
  return {"payment_gateway", http::Component::Status::up, ledger ? "simulator" : "http"};
}

Result<Charging> open_charging(Foundation& base) {
  Charging charging;
  const auto& config = base.config();
  if (config.gateway.url.empty()) {
    TRY(charging.ledger, gateway::Ledger::open({.path = std::filesystem::path(config.server.data) / "payments.ledger"}));
    charging.gateway = std::make_unique<gateway::PaymentSimulator>(base.clock, *charging.ledger, simulator_settings(config));
    return charging;
  }
  TRY(auto settings, gateway_settings(config));
  charging.gateway = std::make_unique<gateway::HttpGateway>(base.io.get_executor(), base.clock, std::move(settings));
  return charging;
}

}  // namespace edda::wiring
