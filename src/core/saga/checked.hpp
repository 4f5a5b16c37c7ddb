#pragma once

#include <algorithm>
#include <cstddef>

#include "saga/definition.hpp"

/// What cannot be right does not compile. Where `checked` finds something wrong it calls one of the functions below; none of them is
/// constexpr, so the definition is no constant and the compiler's error names the function: the name is the message.
namespace edda::saga {

void a_definition_needs_steps();
void a_step_needs_a_name();
void two_steps_share_a_name();
void a_step_must_say_what_undoes_it();
void the_start_must_say_what_undoes_it();
void the_undo_of_the_start_must_be_local();
void an_undo_cannot_wait();
void an_undo_needs_a_name();
void an_outside_step_needs_a_timeout_and_attempts();
void an_outside_undo_needs_a_timeout_and_attempts();
void a_wait_needs_a_deadline();
void a_wait_has_nothing_to_undo();
void only_an_outside_step_can_be_voided();
void only_an_outside_step_has_a_key_to_forget();
void a_key_is_forgotten_before_its_tries_end();
void money_cannot_be_optional_or_skippable();
void a_step_can_never_be_reached();
void the_deadline_is_shorter_than_the_steps_it_must_hold();

namespace check {

constexpr bool can_be_tried(milliseconds timeout, const RetryPolicy& retry) {
  return timeout > milliseconds(0) && retry.attempts >= 1;
}

consteval void undo(const Step& step) {
  const Compensation& undo = step.compensation;
  if (undo.need == Compensation::Need::unstated) a_step_must_say_what_undoes_it();
  if (!undo.needed()) return;
  if (undo.name.empty()) an_undo_needs_a_name();
  if (undo.kind == Kind::wait) an_undo_cannot_wait();
  if (undo.kind == Kind::outside && !can_be_tried(undo.timeout, undo.retry))
    an_outside_undo_needs_a_timeout_and_attempts();
}

consteval void key(const Step& step) {
  if (step.key_retention == milliseconds(0)) return;
  if (step.kind != Kind::outside) only_an_outside_step_has_a_key_to_forget();
  const Compensation& undo = step.compensation;
  const bool undone_outside = undo.needed() && undo.kind == Kind::outside;
  if (worst_case(step.timeout, step.retry) > step.key_retention / 2 ||
      (undone_outside && worst_case(undo.timeout, undo.retry) > step.key_retention / 2))
    a_key_is_forgotten_before_its_tries_end();
}

consteval void step(const Step& step) {
  if (step.name.empty()) a_step_needs_a_name();
  undo(step);
  key(step);
  if (step.kind == Kind::outside && !can_be_tried(step.timeout, step.retry))
    an_outside_step_needs_a_timeout_and_attempts();
  if (step.kind == Kind::wait && step.timeout <= milliseconds(0)) a_wait_needs_a_deadline();
  if (step.kind == Kind::wait && step.compensation.needed()) a_wait_has_nothing_to_undo();
  if (step.voidable && step.kind != Kind::outside) only_an_outside_step_can_be_voided();
  const bool moves_money = step.action == Action::charge_payment || step.action == Action::refund_payment;
  if (moves_money && (step.optional || step.skippable)) money_cannot_be_optional_or_skippable();
}

/// Forks 1, 2, ... in the order of the list; in each the branches 1, 2, ..., and of these at least two.
consteval void forks(std::span<const Step> steps) {
  int forks_seen = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const bool follows = i > 0 && same_stage(steps[i - 1], step);
    const int branch_before = follows ? steps[i - 1].branch : 0;
    if (step.fork == 0 && step.branch != 0) a_step_can_never_be_reached();
    if (step.fork == 0) continue;
    if (!follows && step.fork != ++forks_seen) a_step_can_never_be_reached();
    if (step.branch != branch_before + 1 && (step.branch != branch_before || !follows)) a_step_can_never_be_reached();
    const bool last = i + 1 == steps.size() || !same_stage(steps[i + 1], step);
    if (last && step.branch < 2) a_step_can_never_be_reached();
  }
}

constexpr milliseconds worst_case(const Step& step) {
  switch (step.kind) {
    case Kind::local: break;
    case Kind::outside: return saga::worst_case(step.timeout, step.retry);
    case Kind::wait: return step.timeout;
  }
  return milliseconds(0);
}

/// Stage after stage, of each its longest branch.
consteval milliseconds worst_case(std::span<const Step> steps) {
  milliseconds sum{0};
  milliseconds stage{0};
  milliseconds branch{0};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool same = i > 0 && same_stage(steps[i - 1], steps[i]);
    if (!same) sum += stage;
    branch = (same && steps[i - 1].branch == steps[i].branch ? branch : milliseconds(0)) + worst_case(steps[i]);
    stage = same ? std::max(stage, branch) : branch;
  }
  return sum + stage;
}

}  // namespace check

/// The definition, if it can be right; else it does not compile.
consteval Definition checked(Definition definition) {
  if (definition.steps.empty()) a_definition_needs_steps();
  if (definition.undo_start.need == Compensation::Need::unstated) the_start_must_say_what_undoes_it();
  if (definition.undo_start.needed() && definition.undo_start.kind != Kind::local)
    the_undo_of_the_start_must_be_local();
  for (std::size_t i = 0; i < definition.steps.size(); ++i) {
    check::step(definition.steps[i]);
    for (std::size_t j = 0; j < i; ++j)
      if (definition.steps[j].name == definition.steps[i].name) two_steps_share_a_name();
  }
  check::forks(definition.steps);
  if (definition.deadline > milliseconds(0) && definition.deadline < check::worst_case(definition.steps))
    the_deadline_is_shorter_than_the_steps_it_must_hold();
  return definition;
}

}  // namespace edda::saga
