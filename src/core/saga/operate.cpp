// What people do about a saga: first whether it may be done, then the record of who did it and why, then its consequences. Hardly any
// action says what comes next: it changes the state, and `proceed` goes on from there.
#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.hpp"
#include "saga/course.hpp"

namespace edda::saga {
namespace {

using Refusal = std::optional<Rejection>;

bool is_tried_again(const State& state, const OpenRequest& open, std::string_view step) {
  return (open.parked || open.retry_in) && (step.empty() || state.step(open.step).name == step);
}

Refusal refuse_retry(const State& state, const Operate& what, Timestamp at) {
  if (state.paused) return Rejection::is_paused;
  bool any = state.stuck && what.step.empty();
  for (const OpenRequest& open : state.open) {
    if (!is_tried_again(state, open, what.step)) continue;
    const auto limit = not_after(state, open);
    if (limit && at > *limit) return Rejection::key_forgotten;
    any = true;
  }
  if (!any) return Rejection::nothing_to_retry;
  return std::nullopt;
}

Refusal refuse_skip(const State& state, const Operate& what) {
  const auto step = state.index_of(what.step);
  if (!step) return Rejection::no_such_step;
  if (!state.step(*step).skippable) return Rejection::not_skippable;
  if (state.turning_back) return Rejection::already_turning_back;
  const StepStatus status = state.steps[*step].status;
  if (status != StepStatus::idle && status != StepStatus::requested) return Rejection::step_done;
  const OpenRequest* open = state.open_at(*step);
  if (open != nullptr && open->may_take_effect()) return Rejection::step_open;
  return std::nullopt;
}

Refusal refuse_turning_back(const State& state, const Operate& what) {
  if (state.turning_back) return Rejection::already_turning_back;
  if (!what.may_give_up) return Rejection::effect_is_owed;
  return std::nullopt;
}

Refusal refuse_outcome(const State& state, const Operate& what) {
  if (!state.index_of(what.step)) return Rejection::no_such_step;
  const OpenRequest* open = state.open_at(what.step);
  if (open == nullptr) return Rejection::not_open;
  if (open->being_sent()) return Rejection::send_awaited;
  if (what.outcome == Outcome::unknown) return Rejection::outcome_needed;
  return std::nullopt;
}

Refusal refuse(const State& state, const Operate& what, Timestamp at) {
  switch (what.action) {
    case OperatorAction::retry: return refuse_retry(state, what, at);
    case OperatorAction::skip: return refuse_skip(state, what);
    case OperatorAction::compensate:
    case OperatorAction::cancel: return refuse_turning_back(state, what);
    case OperatorAction::pause: return state.paused ? Refusal(Rejection::already_paused) : std::nullopt;
    case OperatorAction::resume: return state.paused ? std::nullopt : Refusal(Rejection::not_paused);
    case OperatorAction::force_close:
      return std::ranges::any_of(state.open, &OpenRequest::may_take_effect) ? Refusal(Rejection::step_open) : std::nullopt;
    case OperatorAction::state_outcome: return refuse_outcome(state, what);
  }
  return std::nullopt;
}

/// The operator says what happened to the action, or, while that is being undone, to its undo. Nothing is in doubt any more.
void state_outcome(Course& course, const Operate& what) {
  const OpenRequest open = *course.state().open_at(what.step);
  OpenRequest action = open;
  if (open.direction == Direction::void_request) action.direction = Direction::forward;
  if (what.outcome == Outcome::succeeded) return course.succeeded(action, open.attempt);
  // The action under a void surely did nothing: that is what the void was to bring about.
  if (open.direction == Direction::void_request) return course.succeeded(open, open.attempt);
  if (what.outcome == Outcome::declined)
    return course.declined(open, open.attempt, what.reason, !what.may_give_up);
  course.no_more_tries(open, what.reason);
}

void act(Course& course, const Operate& what) {
  switch (what.action) {
    case OperatorAction::skip: return course.emit(SagaStepSkipped{what.step});
    case OperatorAction::compensate:
    case OperatorAction::cancel: return course.emit(SagaCancelRequested{what.reason});
    case OperatorAction::pause: return course.emit(SagaPaused{});
    case OperatorAction::resume: return course.emit(SagaResumed{});
    case OperatorAction::force_close: return course.emit(SagaForceClosed{});
    case OperatorAction::state_outcome: return state_outcome(course, what);
    case OperatorAction::retry: break;  // SagaActionTaken orders it
  }
}

constexpr std::array<std::string_view, 18> rejection_names{
    "not_found",      "ended",          "no_such_step",   "nothing_to_retry",     "key_forgotten",
    "not_skippable",  "step_done",      "step_open",      "already_turning_back", "effect_is_owed",
    "already_paused", "is_paused",      "not_paused",     "not_open",             "send_awaited",
    "outcome_needed", "not_waiting",    "feature_level_too_low"};

}  // namespace

std::string_view to_string(Rejection rejection) { return rejection_names[static_cast<std::size_t>(rejection)]; }

std::expected<Decision, Rejection> operate(const State& state, const Operate& what, Timing timing) {
  if (!state.exists()) return std::unexpected(Rejection::not_found);
  if (state.ended()) return std::unexpected(Rejection::ended);
  EDDA_ASSERT(state.definition != nullptr);
  if (const auto refusal = refuse(state, what, timing.at)) return std::unexpected(*refusal);
  Course course(state, timing);
  course.emit(SagaActionTaken{what.action, what.by, what.reason, what.step});
  act(course, what);
  course.proceed();
  return course.take();
}

std::expected<Decision, Rejection> signal(const State& state, const Signal& signal, Timing timing) {
  if (!state.exists()) return std::unexpected(Rejection::not_found);
  if (state.ended()) return std::unexpected(Rejection::ended);
  if (!state.index_of(signal.step)) return std::unexpected(Rejection::no_such_step);
  const OpenRequest* open = state.open_at(signal.step);
  if (open == nullptr || !open->wait) return std::unexpected(Rejection::not_waiting);
  const OpenRequest wait = *open;
  Course course(state, timing);
  course.emit(SagaSignalled{signal.step, signal.accepted, signal.by, signal.reason});
  if (signal.accepted)
    course.succeeded(wait, wait.attempt);
  else
    course.declined(wait, wait.attempt, signal.reason, false);
  course.proceed();
  return course.take();
}

}  // namespace edda::saga
