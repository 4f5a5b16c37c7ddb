#include "wiring/charging.hpp"

#include <filesystem>
#include <fstream>

#include "gateway/http_gateway.hpp"
#include "gateway/simulator.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {
namespace {

void leave_note(const std::filesystem::path& data, const std::string& url) {
  std::ofstream(data / note_name) << "Charged at " << url << ": payments.ledger does not hold all charges of this store.\n";
}

}  // namespace

http::Component Charging::health() const {
  return {"payment_gateway", http::Component::Status::up, ledger ? "simulator" : "http"};
}

Result<Charging> open_charging(Foundation& base) {
  Charging charging;
  const auto& config = base.config();
  const std::filesystem::path data = config.server.data;
  if (config.gateway.url.empty()) {
    TRY(charging.ledger, gateway::Ledger::open({.path = data / ledger_name}));
    // Of several nodes, each has a simulator and a ledger of its own.
    charging.charged_elsewhere = !config.database.host.empty() || std::filesystem::exists(data / note_name);
    charging.gateway = std::make_unique<gateway::PaymentSimulator>(base.clock, *charging.ledger, simulator_settings(config));
    return charging;
  }
  TRY(auto settings, gateway_settings(config));
  leave_note(data, config.gateway.url);
  charging.gateway = std::make_unique<gateway::HttpGateway>(base.io.get_executor(), base.clock, std::move(settings));
  return charging;
}

}  // namespace edda::wiring
