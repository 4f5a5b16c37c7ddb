#pragma once

#include <chrono>
#include <cstdint>

namespace edda::gateway {

/// How the simulated gateway behaves. The defaults are those of the system that Edda replaces, but for the latency (it took 500 to
/// 2000 ms).
struct SimulatorSettings {
  /// Of all charges, the share that is not declined. Which ones is a pure function of key, amount and products.
  double success_rate = 0.8;
  /// How long an answer takes, evenly spread. Both 0: answered at once, without a timer.
  std::chrono::milliseconds latency_min{50};
  std::chrono::milliseconds latency_max{300};

  // Faults, for tests. Which sends they hit is a pure function of seed, key and the count of faults this key has met since the start:
  // once a key was answered properly it goes on being so. At most a million faults are dealt in one run.

  double failed_rate = 0;   ///< sends that surely do nothing
  double unknown_rate = 0;  ///< sends that take effect and are not answered
  std::uint64_t seed = 0;
};

}  // namespace edda::gateway
