#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "async/task_group.hpp"
#include "ports/clock.hpp"

namespace edda::owner {

/// What should be looked at again, and when: all timers of one kind in one ordered set. A coroutine sleeps until the earliest; a further
/// one is started only when something earlier comes, so that a thousand entries cost a thousand entries and one coroutine.
/// Thread-safety: on the tasks' executor.
template <class Key>
class WakeUps {
 public:
  using OnDue = std::function<void(const Key&)>;

  WakeUps(TaskGroup& tasks, Clock& clock, OnDue on_due) : tasks_(tasks), clock_(clock), on_due_(std::move(on_due)) {}

  void add(SteadyTime due, const Key& key) {
    due_.emplace(due, key);
    arm();
  }
  /// No-op when it has been called or was never added.
  void remove(SteadyTime due, const Key& key) { due_.erase({due, key}); }

 private:
  void arm() {
    if (due_.empty() || tasks_.closed()) return;
    const SteadyTime earliest = due_.begin()->first;
    if (!armed_.empty() && *armed_.begin() <= earliest) return;
    armed_.insert(earliest);
    tasks_.spawn(sleep(earliest));
  }

  Task<void> sleep(SteadyTime until) {
    co_await clock_.sleep_until(until);
    armed_.erase(until);
    if (tasks_.closed()) co_return;
    // What becomes due while these are called waits for a coroutine of its own: a caller that adds "now" again cannot keep this one busy.
    const SteadyTime now = clock_.steady_now();
    std::vector<Key> called;
    while (!due_.empty() && due_.begin()->first <= now) {
      called.push_back(due_.begin()->second);
      due_.erase(due_.begin());
    }
    for (const Key& key : called) on_due_(key);
    arm();
  }

  TaskGroup& tasks_;
  Clock& clock_;
  const OnDue on_due_;
  std::set<std::pair<SteadyTime, Key>> due_;
  std::set<SteadyTime> armed_;  ///< one for each coroutine that sleeps
};

}  // namespace edda::owner
