#pragma once

#include <atomic>

#include "ports/clock.hpp"

namespace edda::testing_support {

/// Stands still until it is told to move; nobody sleeps on it.
class ManualClock final : public Clock {
 public:
  Timestamp now() override { return start + microseconds(elapsed_.load()); }
  SteadyTime steady_now() override { return SteadyTime(std::chrono::hours(1)) + microseconds(elapsed_.load()); }
  Task<void> sleep_until(SteadyTime) override { co_return; }

  void advance(microseconds by) { elapsed_ += by.count(); }

  static constexpr Timestamp start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

 private:
  std::atomic<std::int64_t> elapsed_{0};
};

/// Far enough for every test that does not test deadlines, on a real or a manual clock.
inline Deadline some_deadline() { return {std::chrono::steady_clock::now() + std::chrono::minutes(5)}; }

}  // namespace edda::testing_support
