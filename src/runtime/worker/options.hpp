#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "cli/stop.hpp"
#include "kafka/settings.hpp"
#include "telemetry/trace_export.hpp"

namespace edda::worker {

struct Options {
  kafka::WorkerSettings kafka;
  std::string gateway_url;
  std::string gateway_secret;
  telemetry::TraceSettings traces;  ///< without an address: no spans are made
};

using Environment = std::function<std::string(const char* name)>;

/// The command line behind "edda worker", and what the environment says. Secrets are in the environment alone, for every user of a machine
/// can read command lines.
std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments, const Environment& environment);

}  // namespace edda::worker
