#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "async/task_group.hpp"
#include "base/ids.hpp"
#include "ports/clock.hpp"

namespace edda::owner {

/// What should be looked at again, and when: all timers of a node's sagas in one ordered set. A coroutine sleeps until the earliest; a
/// further one is started only when something earlier comes, so that a thousand sagas with deadlines cost a thousand entries and one
/// coroutine.
/// Thread-safety: on the tasks' executor.
class WakeUps {
 public:
  static constexpr std::uint8_t time_of_saga = 0xFF;
  /// A saga's pause at one step, or its next deadline. A nil saga: not about a saga.
  struct Key {
    SagaId saga;
    std::uint8_t what = 0;  ///< the step's index, or time_of_saga
    auto operator<=>(const Key&) const = default;
  };
  using OnDue = std::function<void(const Key&)>;

  WakeUps(TaskGroup& tasks, Clock& clock, OnDue on_due) : tasks_(tasks), clock_(clock), on_due_(std::move(on_due)) {}

  void add(SteadyTime due, const Key& key);
  /// No-op when it has been called or was never added.
  void remove(SteadyTime due, const Key& key) { due_.erase({due, key}); }

 private:
  void arm();
  Task<void> sleep(SteadyTime until);

  TaskGroup& tasks_;
  Clock& clock_;
  const OnDue on_due_;
  std::set<std::pair<SteadyTime, Key>> due_;
  std::set<SteadyTime> armed_;  ///< one for each coroutine that sleeps
};

}  // namespace edda::owner
