#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/stop.hpp"

namespace edda::bench {

struct Options {
  std::string suite;                   ///< empty: load the server at `url`
  std::string url = "http://127.0.0.1:3000";
  std::string token;                   ///< empty: accounts are registered
  bool allow_remote = false;
  std::size_t users = 8;
  std::size_t connections = 64;
  std::optional<double> rate;
  double duration_s = 10;
  double warm_up_s = 2;
  std::string json;                    ///< a file, "-" for stdout; empty: none
  std::string folder = ".";
  bool quick = false;
  std::size_t orders_max = 1'000'000;
  std::string cluster;                 ///< folder of a cluster that is up; empty: the suite starts one
  int shards = 16;                     ///< of the cluster that it starts
};

std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments);

}  // namespace edda::bench
