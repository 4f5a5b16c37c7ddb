#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace edda::sim {

class Scheduler;
using Action = std::move_only_function<void()>;

/// Whose work something is: one life of a node (from a start to its crash), a client, or the world (database, gateway), which never stops.
/// All of a node's functions and timers carry it, so that pausing and slowing catch all of them.
/// Lifetime: as long as the run.
class Actor {
 public:
  Actor(Scheduler& scheduler, std::string name, std::uint32_t number)
      : scheduler_(scheduler), name_(std::move(name)), number_(number) {}
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }
  Scheduler& scheduler() const { return scheduler_; }

  /// True once the actor was cut off from the world (a crash): whatever it still asks is answered with an error at once and changes
  /// nothing. What it runs afterwards is only its objects' way to their end.
  bool is_cut() const { return cut_; }
  /// Cuts it off: everything it waits for (kernel/ask.hpp) is answered with an error now.
  void cut();

  bool is_paused() const { return paused_; }
  /// Whether its answers come late: 1 is the usual pace.
  int slowness() const { return slowness_; }

 private:
  friend class Scheduler;
  template <class T>
  friend class Waiting;

  Scheduler& scheduler_;
  const std::string name_;
  const std::uint32_t number_;
  bool cut_ = false;
  bool paused_ = false;
  int slowness_ = 1;
  std::vector<Action> deferred_;               ///< what became ready while paused
  std::list<std::function<void()>> waits_;     ///< how to end each wait when cut
};

}  // namespace edda::sim
