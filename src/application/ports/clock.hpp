#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "base/ids.hpp"
#include "base/timestamp.hpp"
#include "ports/task.hpp"

namespace edda {

/// Wall clock, steady clock and waiting. The simulation's clock moves only when nothing else can.
/// Thread-safety: callable from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() = 0;
  virtual SteadyTime steady_now() = 0;
  /// Waits on the caller's executor; ends early, without an error, when the caller is cancelled.
  virtual Task<void> sleep_until(SteadyTime at) = 0;

  Deadline deadline_in(std::chrono::milliseconds wait) { return Deadline{steady_now() + wait}; }
};

/// Randomness and ids. One seed drives all of it in the simulation.
/// Thread-safety: callable from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  /// A UUIDv7 of `at`; the low 16 bits are `low16`.
  Uuid uuid_v7(Timestamp at, std::uint16_t low16) {
    const std::uint64_t draw = next();
    std::array<std::uint8_t, 8> bytes;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(draw >> (8 * i));
    return make_uuid_v7(at, bytes, low16);
  }
  Uuid uuid_v7(Timestamp at) { return uuid_v7(at, static_cast<std::uint16_t>(next())); }
};

}  // namespace edda
