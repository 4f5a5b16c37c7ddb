#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "ports/task.hpp"

namespace edda::owner {

struct BreakerSettings {
  std::size_t failures = 20;  ///< in a row, that open it; 0: it never opens
  double rate = 0.5;          ///< of the last `window` answers without effect, that opens it
  std::size_t window = 100;
  std::chrono::milliseconds pause{1'000};      ///< before the first probe; doubled after each that fails ...
  std::chrono::milliseconds pause_max{30'000};  ///< ... up to this
};

/// Keeps requests from a gateway that does not answer. Closed: all are sent. Open: none is, they wait, and neither their attempts nor
/// their patience is used up; after a pause one probe at a time is let through. A probe that is answered, even with a no, closes it.
/// Source: M. Nygard, Release It!, "Circuit Breaker".
/// Thread-safety: none; owned by one executor.
class CircuitBreaker {
 public:
  enum class State { closed, open, half_open };

  explicit CircuitBreaker(BreakerSettings settings) : settings_(settings), recent_(settings.window, true) {}

  enum class Pass { send, probe, wait };
  /// What to do with a request now. After `probe`, the request's end is told by `answered` or `not_sent`.
  Pass ask(SteadyTime now);

  /// `healthy`: the other side understood and decided (succeeded or declined); else it failed, or nobody knows.
  void answered(bool healthy, bool probe, SteadyTime now);
  /// The probe was not needed after all.
  void not_sent(bool probe);

  State state() const { return state_; }
  /// When the next probe may go; meaningful while open.
  SteadyTime probe_at() const { return probe_at_; }
  std::uint64_t opened_total() const { return opened_total_; }

 private:
  void open(SteadyTime now);
  void close();
  void note(bool healthy);

  const BreakerSettings settings_;
  State state_ = State::closed;
  bool probing_ = false;
  SteadyTime probe_at_{};
  std::chrono::milliseconds pause_{0};
  std::size_t in_a_row_ = 0;
  std::vector<bool> recent_;  ///< a ring of the last answers
  std::size_t next_ = 0;
  std::size_t bad_ = 0;  ///< of those in the ring
  std::uint64_t opened_total_ = 0;
};

}  // namespace edda::owner
