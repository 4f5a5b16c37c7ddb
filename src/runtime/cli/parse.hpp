#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/invocation.hpp"
#include "cli/stop.hpp"

namespace edda::cli {

/// The command line without the program's name. Pure: reads neither environment nor files.
/// A misspelt command or flag is answered with the nearest one.
std::expected<Invocation, Stop> parse(const std::vector<std::string>& arguments, const std::string& version);

}  // namespace edda::cli
