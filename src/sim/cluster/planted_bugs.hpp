#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/planted.hpp"

namespace edda::sim {

/// A bug that can be planted, to prove that the checks would find it.
struct PlantedBug {
  planted::Bug bug;
  std::string_view name;
  std::string_view what;
};

std::span<const PlantedBug> planted_bugs();
std::optional<PlantedBug> find_planted_bug(std::string_view name);

}  // namespace edda::sim
