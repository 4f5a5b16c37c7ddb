#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "kernel/actor.hpp"
#include "kernel/draws.hpp"
#include "kernel/trace.hpp"
#include "ports/task.hpp"

namespace edda::sim {

using Duration = std::chrono::nanoseconds;

/// A timed event that can be called off.
struct Timer {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  ///< 0: none
};

/// Virtual time. All work that is ready runs first, in the order in which it became ready; then time jumps to the next timed event. Events of
/// the same instant are ordered by a drawn number. One thread, no waiting: a simulated hour of nothing takes no time.
class Scheduler {
 public:
  Scheduler(Draws& draws, Trace& trace);

  /// A new actor, alive and at the usual pace.
  Actor& make_actor(std::string name);
  /// The database, the gateway, the clients' network: never paused, never cut.
  Actor& world() { return actors_.front(); }

  /// True time since the start of the run, which starts at one hour so that "an hour ago" is a time, too. Nodes see it through clocks that
  /// are wrong (cluster/node_ports.hpp).
  SteadyTime now() const { return now_; }

  /// Runs `action` as `actor` after `delay` (0: among the timed events of this instant). `kind` names a static string, for the trace's hash.
  Timer after(Actor& actor, Duration delay, std::string_view kind, Action action);
  Timer at(Actor& actor, SteadyTime time, std::string_view kind, Action action);
  /// False when it has run or was called off before.
  bool cancel(Timer timer);
  /// Runs `action` as `actor` as soon as what is ready already has run.
  void ready(Actor& actor, Action action);

  /// True while a function of this actor is being run.
  bool is_running(const Actor& actor) const { return running_ == &actor; }

  /// SIGSTOP and SIGCONT: nothing of the actor runs in between; its timers and answers wait, time goes on.
  void pause(Actor& actor);
  void resume(Actor& actor);
  /// Every function of the actor takes its time: `slowness` times the usual. 1: as usual again.
  void set_slowness(Actor& actor, int slowness) { actor.slowness_ = slowness; }

  /// Runs until `until` (virtual), until nothing is left, or until `stop` was called. True: time is up.
  bool run_until(SteadyTime until);
  void stop() { stopped_ = true; }
  void go_on() { stopped_ = false; }

  /// Functions and timed events that were executed: the "scheduled events" of the figures.
  std::uint64_t executed() const { return executed_; }

 private:
  struct Ready {
    Actor* actor;
    Action action;
  };
  struct Entry {
    SteadyTime time;
    std::uint32_t tie;       ///< drawn
    std::uint32_t sequence;  ///< the last resort, so that the order is total
    Timer timer;
    bool operator>(const Entry& other) const {
      if (time != other.time) return time > other.time;
      return tie != other.tie ? tie > other.tie : sequence > other.sequence;
    }
  };
  struct Slot {
    Actor* actor = nullptr;
    std::string_view kind;
    Action action;
    std::uint32_t generation = 1;
    bool used = false;
  };

  void run_ready();
  void run_one_timed();
  void run(Actor& actor, Action action);
  void free_slot(std::uint32_t slot);

  Draws& draws_;
  Trace& trace_;
  std::deque<Actor> actors_;
  SteadyTime now_{std::chrono::hours(1)};
  std::deque<Ready> ready_;
  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t sequence_ = 0;
  std::uint64_t executed_ = 0;
  bool stopped_ = false;
  const Actor* running_ = nullptr;
};

}  // namespace edda::sim
