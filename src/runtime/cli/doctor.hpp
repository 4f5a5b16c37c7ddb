#pragma once

#include <string>
#include <vector>

#include "config/load.hpp"

namespace edda::cli {

/// One thing that was looked at. `next` says what to do unless it is well.
struct Finding {
  enum class State { well, warning, wrong };
  std::string name;
  State state = State::well;
  std::string detail;
  std::string next = {};
};

/// Looks at the machine and the data folder; changes nothing but a file it makes and removes in the folder.
std::vector<Finding> examine(const config::Loaded& loaded);

}  // namespace edda::cli
