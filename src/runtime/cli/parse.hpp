#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/invocation.hpp"

namespace edda::cli {

/// Why nothing is to be run: help or a version for stdout (exit_code 0), or a mistake for stderr (exit_code 2).
struct Stop {
  int exit_code = exit_usage;
  std::string text;
};

/// The command line without the program's name. Pure: reads neither environment nor files.
/// A misspelt command or flag is answered with the nearest one.
std::expected<Invocation, Stop> parse(const std::vector<std::string>& arguments, const std::string& version);

}  // namespace edda::cli
