#pragma once

#include <array>
#include <boost/asio/execution_context.hpp>
#include <optional>
#include <string>

#include "kernel/ask.hpp"
#include "kernel/counters.hpp"
#include "kernel/draws.hpp"
#include "kernel/executor.hpp"
#include "kernel/scheduler.hpp"
#include "kernel/trace.hpp"

namespace edda::sim {

/// A broken promise.
struct Broken {
  std::string invariant;  ///< "I9", "R18", "P4": a row of the table in docs/testing.md
  std::string what;
};

/// What every part of a simulated world stands on. One per run.
class Kernel {
 public:
  Kernel(Draws the_draws, std::size_t trace_lines);

  Draws draws;
  Trace trace;
  Scheduler scheduler;
  Counters counters;

  /// The executor of an actor's coroutines.
  boost::asio::any_io_executor executor(Actor& actor) { return Executor(actor, context_); }

  /// Draws whether the fault strikes now, by its strength in this run; counts it and notes it when it does.
  /// `stream`: of the part that asks.
  bool strikes(Fault fault, Stream stream);
  /// How often it strikes, in permille of the occasions; 0: switched off.
  int strength(Fault fault) const { return lifted_ ? 0 : strengths_[static_cast<std::size_t>(fault)]; }
  void set_strength(Fault fault, int permille) { strengths_[static_cast<std::size_t>(fault)] = permille; }
  /// Counts a fault that somebody else decided on.
  void injected(Fault fault, const Actor& actor, std::string_view what = {});
  /// The end of the safety phase: no fault strikes any more.
  void lift_faults() { lifted_ = true; }

  void saw(Sometimes what) { counters.saw(what); }

  /// A promise is broken: the first one ends the run.
  void broken(std::string invariant, std::string what);
  const std::optional<Broken>& verdict() const { return verdict_; }

  template <class Text>
  void note(const Actor& actor, std::string_view kind, Text&& text) {
    trace.note(scheduler.now(), actor, kind, std::forward<Text>(text));
  }

 private:
  // Nobody may put a service into it: Asio's would start a thread.
  boost::asio::execution_context context_;
  std::array<int, fault_count> strengths_{};
  bool lifted_ = false;
  std::optional<Broken> verdict_;
};

}  // namespace edda::sim
