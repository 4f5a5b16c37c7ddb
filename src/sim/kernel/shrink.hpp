#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "kernel/draws.hpp"

namespace edda::sim {

struct ShrinkBudget {
  int runs = 2'000;
  std::chrono::seconds time{60};
};

struct Shrunk {
  DrawList draws;
  int runs = 0;
};

/// A simpler list of draws that still fails in the same way: spans are cut out, zeroed and lowered for as long as that helps.
/// `fails`: runs a list; true when the same invariant broke.
Shrunk shrink(DrawList draws, const std::function<bool(const DrawList&)>& fails, ShrinkBudget budget);

}  // namespace edda::sim
