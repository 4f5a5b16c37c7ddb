#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "cluster/plan.hpp"
#include "kernel/kernel.hpp"

namespace edda::sim {

/// What came of one run.
struct RunResult {
  std::optional<Broken> broken;
  Counters counters;
  std::uint64_t events = 0;  ///< scheduled ones that were executed
  std::uint64_t hash = 0;    ///< over all that happened
  std::chrono::nanoseconds simulated{0};
  std::size_t orders = 0;
  DrawList draws;
  std::deque<std::string> trace;  ///< its end; as much as was asked for
};

/// One simulated cluster from its start to its end: safety (all faults), liveness (one node never comes back, all else heals: orders must
/// finish), quiet, then all checks. A function of the draws.
/// `trace_lines`: how much of the trace's end is kept.
RunResult run_cluster(Draws draws, const RunOptions& options, std::size_t trace_lines = 0);

}  // namespace edda::sim
