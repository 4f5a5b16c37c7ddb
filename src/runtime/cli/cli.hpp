#pragma once

#include <string>
#include <vector>

#include "cli/hooks.hpp"

namespace edda::cli {

/// The whole command line: parses, reads the configuration, runs the command. Returns the process's exit code:
/// 0 done, 1 failed, 2 a mistake in the command line or the configuration.
int main(const std::vector<std::string>& arguments, const Hooks& hooks);

}  // namespace edda::cli
