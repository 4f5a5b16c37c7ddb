#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/stop.hpp"

namespace CLI {
class App;
}

namespace edda::cli {

/// Reads the command line of a command that has one of its own ("edda bench", the app's name). nullopt: it is read.
std::optional<Stop> read_own(CLI::App& app, std::vector<std::string> arguments);

}  // namespace edda::cli
