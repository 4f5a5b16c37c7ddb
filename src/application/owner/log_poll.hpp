#pragma once

#include <functional>
#include <vector>

#include "async/task_group.hpp"
#include "base/ids.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"

namespace edda::owner {

/// Looks every so often where each shard's log ends: the net under the signals after a commit (R10).
/// Thread-safety: on the tasks' executor.
class LogPoll {
 public:
  using Listener = std::function<void(const std::vector<Position>&)>;

  /// `every` 0: only while `watch` asks for it.
  LogPoll(TaskGroup& tasks, EventStore& store, Clock& clock, std::chrono::milliseconds every, Listener listener)
      : tasks_(tasks), store_(store), clock_(clock), every_(every), listener_(std::move(listener)) {}

  /// From now on, if it polls at all without being asked.
  void start();
  /// Looks for as long as that, whatever the setting.
  void watch(std::chrono::milliseconds lasting);

 private:
  bool wanted() const { return every_.count() > 0 || clock_.steady_now() < until_; }
  void run_if_wanted();
  Task<void> run();

  TaskGroup& tasks_;
  EventStore& store_;
  Clock& clock_;
  const std::chrono::milliseconds every_;
  const Listener listener_;
  bool running_ = false;
  SteadyTime until_ = SteadyTime::min();
};

}  // namespace edda::owner
