#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "cli/stop.hpp"

namespace edda::fault_proxy {

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

struct Options {
  Address listen;   ///< port 0: a free one
  Address to;
  Address control;  ///< port 0: a free one
  std::uint64_t seed = 1;
};

/// The command line behind "edda fault-proxy".
std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments);

}  // namespace edda::fault_proxy
