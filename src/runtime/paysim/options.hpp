#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/stop.hpp"
#include "gateway/paysim_faults.hpp"
#include "gateway/settings.hpp"

namespace edda::paysim {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4000;  ///< 0: a free one
  std::string ledger = "paysim.ledger";
  std::string secret;  ///< the bearer token that requests must bring; empty: none
  gateway::SimulatorSettings simulator;  ///< of its faults none is used here
  gateway::PaysimFaults faults;
  std::chrono::milliseconds hold{30'000};  ///< how long a request that is not answered is held open
  std::optional<std::chrono::milliseconds> forget_keys_after;
  std::string webhook_url;  ///< empty: none are sent
  std::string webhook_secret;
  gateway::WebhookFaults webhook_faults;
};

/// The command line behind "edda paysim". Secrets are not on it, for every user of a machine can read command lines.
std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments);

}  // namespace edda::paysim
