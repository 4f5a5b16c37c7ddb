#pragma once

#include <string>
#include <utility>

#include "saga/engine.hpp"

namespace edda::saga {

/// One decision in the making: a copy of the state that moves on with every event it emits. Inputs (engine.cpp) and operators
/// (operate.cpp) write down what happened; then `proceed` says what follows.
class Course {
 public:
  Course(State state, Timing timing) : state_(std::move(state)), timing_(timing) {}

  const State& state() const { return state_; }
  Timestamp at() const { return timing_.at; }
  Decision take() { return std::move(decision_); }

  template <class E>
  void emit(E event) {
    decision_.events.emplace_back(std::move(event));
    state_ = evolve(std::move(state_), decision_.events.back(), timing_.at);
  }

  /// Asks an action to be done; the turn does it.
  void ask(std::size_t step, Direction direction, int attempt);

  // Answers, written down. Each is about the request that is open at its step.

  void succeeded(OpenRequest request, int attempt);
  /// A final no. `must_park`: also where the definition would give the step up.
  void declined(OpenRequest request, int attempt, const std::string& reason, bool must_park);
  /// An answer without effect, or without a message (`unknown`): another try, or the end of the tries.
  void not_done(OpenRequest request, Outcome outcome, bool in_doubt, const std::string& reason);
  /// No further try, whatever their number.
  void no_more_tries(OpenRequest request, const std::string& reason);
  void park(const OpenRequest& request, std::string reason, bool declined = false);

  bool key_forgotten(const OpenRequest& request) const;
  std::string name_of(std::size_t step) const { return std::string(state_.step(step).name); }
  const Compensation& undo_of(std::size_t step) const { return state_.step(step).compensation; }

  /// What comes next: a function of the state.
  void proceed();

 private:
  void settle(OpenRequest request);
  void try_again(const OpenRequest& request);
  void go_forward();
  void begin(std::size_t step);
  void go_back();
  std::optional<std::size_t> next_undo() const;
  void record(const OpenRequest& request, Outcome outcome, bool in_doubt, const std::string& reason,
              std::optional<milliseconds> retry_in);
  bool gives_up(const OpenRequest& request) const;

  State state_;
  Timing timing_;
  Decision decision_;
};

}  // namespace edda::saga
