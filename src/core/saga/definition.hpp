#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace edda::saga {

using std::chrono::milliseconds;

/// What a step means to the aggregates and to the outside world. The engine only hands it on.
enum class Action { charge_payment, refund_payment, confirm_order, cancel_order };

/// Local: decided in the same turn. Outside: asked for in the log, performed by the owner of the shard, answered by a later turn.
enum class Kind { local, outside };

/// When the tries are used up, or the other side says no for good.
enum class GiveUp {
  compensate,  ///< undo what took effect, in reverse
  park,        ///< wait for an operator, visibly
};

/// Tries in all, and the pause before the next: first, then doubled up to the longest, each with up to half of it added by chance.
struct RetryPolicy {
  int attempts = 5;
  milliseconds first_pause{200};
  milliseconds longest_pause{10'000};
};

/// The semantic undo of a step. Every step says what undoes it, or that nothing needs to.
struct Compensation {
  std::string_view name;  ///< empty: none needed
  Action action = Action::cancel_order;
  Kind kind = Kind::local;

  static constexpr Compensation none_needed() { return {}; }
  constexpr bool needed() const { return !name.empty(); }
};

struct Step {
  std::string_view name;
  Action action;
  Kind kind;
  Compensation compensation;
  bool voidable = false;  ///< outside: a request whose fate is unknown can be voided under its key
  milliseconds timeout{0};  ///< outside: how long one send may stay without an answer
  RetryPolicy retry{};
  GiveUp on_decline = GiveUp::compensate;
  GiveUp on_exhaustion = GiveUp::compensate;
};

/// What a saga does, as data. A saga keeps the version it was started with.
struct Definition {
  std::string_view name;
  int version;
  Compensation undo_start;  ///< undoes the fact that started the saga; local
  std::span<const Step> steps;
};

// Called by `checked` where something is wrong; not constexpr, so the definition does not compile and the compiler names the call.
void definition_has_no_steps();
void two_steps_share_a_name();
void a_step_has_no_name();
void an_outside_step_needs_a_timeout_and_attempts();
void only_an_outside_step_can_be_voided();
void the_undo_of_the_start_must_be_local();

/// Refuses at compile time what cannot be right.
consteval Definition checked(Definition definition) {
  if (definition.steps.empty()) definition_has_no_steps();
  if (definition.undo_start.needed() && definition.undo_start.kind != Kind::local)
    the_undo_of_the_start_must_be_local();
  for (std::size_t i = 0; i < definition.steps.size(); ++i) {
    const Step& step = definition.steps[i];
    if (step.name.empty()) a_step_has_no_name();
    if (step.kind == Kind::outside && (step.timeout <= milliseconds(0) || step.retry.attempts < 1))
      an_outside_step_needs_a_timeout_and_attempts();
    if (step.voidable && step.kind != Kind::outside) only_an_outside_step_can_be_voided();
    for (std::size_t j = 0; j < i; ++j)
      if (definition.steps[j].name == step.name) two_steps_share_a_name();
  }
  return definition;
}

}  // namespace edda::saga
