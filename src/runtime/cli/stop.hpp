#pragma once

#include <string>

namespace edda::cli {

/// Why nothing is to be run: help or a version for stdout (exit_code 0), or a mistake for stderr (exit_code 2).
struct Stop {
  int exit_code = 2;
  std::string text;
};

/// Says it where it belongs; returns the exit code.
int say(const Stop& stop);

}  // namespace edda::cli
