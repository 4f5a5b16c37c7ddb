#pragma once

#include "kernel/kernel.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"

namespace edda::sim {

/// How wrong a node's clocks are.
struct ClockFault {
  std::chrono::nanoseconds skew{0};  ///< of the wall clock
  std::int64_t drift_ppm = 0;        ///< of both: how much faster than true time
};

/// A node's clocks: its wall clock is off by the skew, and both run a little fast or slow. Nothing else ever moves them.
class SimClock final : public Clock {
 public:
  SimClock(Kernel& kernel, Actor& actor, ClockFault fault);

  Timestamp now() override;
  SteadyTime steady_now() override;
  Task<void> sleep_until(SteadyTime at) override;

  /// The wall clock is set right (as NTP would); the drift stays.
  void correct() { fault_.skew = std::chrono::nanoseconds(0); }

 private:
  std::chrono::nanoseconds own(std::chrono::nanoseconds true_span) const;

  Kernel& kernel_;
  Actor& actor_;
  ClockFault fault_;
  const SteadyTime born_;
};

/// True wall time, as the database server has it: runs start at midnight of 22 November 2026.
Timestamp true_time(const Kernel& kernel);

/// A node's randomness and ids, from one draw a life: ids stay different even where shrinking makes that draw 0.
class SimRandom final : public Random {
 public:
  SimRandom(std::uint32_t draw, std::uint32_t life) : state_(mixed(draw) ^ mixed((std::uint64_t{life} << 32) | 1U)) {}
  std::uint64_t next() override { return mixed(state_ += 0x9E3779B97F4A7C15ULL); }

 private:
  std::uint64_t state_;
};

/// Into the trace.
class SimLog final : public Log {
 public:
  SimLog(Kernel& kernel, Actor& actor) : kernel_(kernel), actor_(actor) {}
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;

 private:
  Kernel& kernel_;
  Actor& actor_;
};

}  // namespace edda::sim
