#pragma once

#include "ports/clock.hpp"

namespace edda::system {

/// The machine's clocks; waits on timers of the caller's executor.
class SystemClock final : public Clock {
 public:
  Timestamp now() override;
  SteadyTime steady_now() override;
  Task<void> sleep_until(SteadyTime at) override;
};

}  // namespace edda::system
