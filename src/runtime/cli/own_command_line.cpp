#include "cli/own_command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

namespace edda::cli {

int say(const Stop& stop) {
  fmt::print(stop.exit_code == 0 ? stdout : stderr, "{}", stop.text);
  return stop.exit_code;
}

std::optional<Stop> read_own(CLI::App& app, std::vector<std::string> arguments) {
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return Stop{0, app.help()};
  } catch (const CLI::ParseError& error) {
    return Stop{2, fmt::format("{0}: {1}\n'{0} --help' says more.\n", app.get_name(), error.what())};
  }
  return std::nullopt;
}

}  // namespace edda::cli
