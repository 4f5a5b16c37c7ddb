// What comes next is a function of the state.
//
// `proceed` looks at a state and says how it goes on, and every input ends in it. It is total and may be asked twice: what was asked for
// stands in the state as an open request and is not asked for again. Hence the engine has no "current step", no program counter that a
// crash could lose, and parallel branches, pauses, operators and restarts are no special cases.
//
//   settle what is open   a request whose tries are used up, or that nobody wants any more, is ended, voided or parked
//   turning back          waits until nothing is open (R14), then compensation starts
//   forward               the first stage that is not through: of each branch the first step that is not through
//   backward              one undo at a time, from the last step of the list to the first. The list's order is the order of stages, of
//                         branches within a fork, and of steps within a branch, so its reverse is the reverse of all three (R17)
#include "saga/course.hpp"

#include <algorithm>

#include "base/planted.hpp"

namespace edda::saga {
namespace {

milliseconds pause_before_next(const RetryPolicy& policy, int attempt, std::uint64_t random) {
  milliseconds pause = policy.first_pause;
  for (int i = 1; i < attempt && pause < policy.longest_pause; ++i) pause *= 2;
  pause = std::min(pause, policy.longest_pause);
  return pause + milliseconds(random % static_cast<std::uint64_t>(pause.count() / 2 + 1));
}

bool is_through(StepStatus status) { return status == StepStatus::succeeded || status == StepStatus::skipped; }

bool took_effect(StepStatus status) {
  if (EDDA_PLANTED(compensates_what_never_was) && status == StepStatus::without_effect) return true;
  return status == StepStatus::succeeded;
}

}  // namespace

void Course::proceed() {
  if (state_.ended() || state_.paused) return;
  for (std::size_t i = 0; i < state_.steps.size(); ++i)
    if (const OpenRequest* open = state_.open_at(i)) settle(*open);
  if (state_.status == SagaStatus::parked) return;
  if (state_.turning_back && !state_.compensating) {
    if (!state_.open.empty()) return;
    emit(SagaCompensationStarted{state_.turn_back_reason});
  }
  state_.compensating ? go_back() : go_forward();
}

void Course::settle(OpenRequest open) {
  if (open.retry_ordered) return try_again(open);
  const bool forward = open.direction == Direction::forward;
  const bool unwanted = forward && state_.turning_back && !open.being_sent();
  if (!unwanted && !open.spent()) return;
  if (forward && gives_up(open)) {
    if (!open.in_doubt) return record(open, Outcome::failed, false, "given up before it took effect", std::nullopt);
    if (state_.step(open.step).voidable && !key_forgotten(open)) return ask(open.step, Direction::void_request, 1);
  }
  if (!open.parked) park(open, unwanted ? "given up while its fate is unknown" : state_.error);
}

void Course::try_again(const OpenRequest& open) {
  if (open.wait) return emit(SagaWaitStarted{name_of(open.step)});
  ask(open.step, open.direction, open.attempt + 1);
}

void Course::go_forward() {
  const Step* front = nullptr;
  for (std::size_t i = 0; i < state_.steps.size(); ++i) {
    if (is_through(state_.steps[i].status)) continue;
    const Step& step = state_.step(i);
    if (front != nullptr && !same_stage(*front, step)) return;
    if (front == nullptr || front->branch != step.branch) begin(i);
    front = &step;
  }
  if (front == nullptr) emit(SagaCompleted{});
}

void Course::begin(std::size_t step) {
  if (state_.steps[step].status != StepStatus::idle) return;
  if (state_.step(step).kind == Kind::wait) return emit(SagaWaitStarted{name_of(step)});
  ask(step, Direction::forward, 1);
}

void Course::go_back() {
  if (!state_.open.empty()) return;
  if (const auto step = next_undo()) return ask(*step, Direction::compensate, 1);
  const Compensation& undo = state_.definition->undo_start;
  if (!undo.needed() || state_.start_undone) return emit(SagaCompensated{});
  decision_.next.push_back({undo.action, undo.kind, std::nullopt, Direction::compensate, 1});
}

std::optional<std::size_t> Course::next_undo() const {
  const std::size_t count = state_.steps.size();
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t step = EDDA_PLANTED(compensation_forward) ? n : count - 1 - n;
    if (took_effect(state_.steps[step].status) && undo_of(step).needed()) return step;
  }
  return std::nullopt;
}

void Course::ask(std::size_t step, Direction direction, int attempt) {
  const Step& definition = state_.step(step);
  const bool undo = direction == Direction::compensate;
  decision_.next.push_back({undo ? definition.compensation.action : definition.action,
                            undo ? definition.compensation.kind : definition.kind, step, direction, attempt});
}

void Course::succeeded(OpenRequest open, int attempt) {
  const std::string name = name_of(open.step);
  switch (open.direction) {
    case Direction::forward: return emit(SagaStepCompleted{name, attempt});
    case Direction::compensate:
      return emit(SagaStepCompensated{name, std::string(undo_of(open.step).name), attempt});
    case Direction::void_request: return emit(SagaStepVoided{name, attempt});
  }
}

void Course::declined(OpenRequest open, int attempt, const std::string& reason, bool must_park) {
  // Too late to void: the action had taken effect.
  if (open.direction == Direction::void_request) return emit(SagaStepCompleted{name_of(open.step), attempt});
  const bool parks = must_park || open.direction == Direction::compensate ||
                     state_.step(open.step).on_decline == GiveUp::park;
  if (!parks) return emit(SagaStepDeclined{name_of(open.step), open.direction, attempt, reason});
  const bool known = open.parked && !open.in_doubt;
  if (!known) park(open, "declined: " + reason, true);
}

void Course::not_done(OpenRequest open, Outcome outcome, bool in_doubt, const std::string& reason) {
  const RetryPolicy& retry = retry_of(state_, open);
  const bool wanted = open.direction != Direction::forward || !state_.turning_back;
  std::optional<milliseconds> pause;
  if (wanted && open.attempt - open.budget_from < retry.attempts)
    pause = pause_before_next(retry, open.attempt - open.budget_from, timing_.random);
  record(open, outcome, in_doubt, reason, pause);
}

void Course::no_more_tries(OpenRequest open, const std::string& reason) {
  record(open, open.being_sent() ? Outcome::unknown : Outcome::failed, open.may_take_effect(), reason, std::nullopt);
}

void Course::record(const OpenRequest& open, Outcome outcome, bool in_doubt, const std::string& reason,
                    std::optional<milliseconds> retry_in) {
  const std::string name = name_of(open.step);
  if (outcome == Outcome::unknown)
    return emit(SagaStepUnknown{name, open.direction, open.attempt, reason, retry_in});
  const bool ended = !retry_in && !in_doubt && open.direction == Direction::forward && gives_up(open);
  emit(SagaStepFailed{name, open.direction, open.attempt, reason, in_doubt, ended, retry_in});
}

/// A forward request without a further try: ended or voided; else parked.
bool Course::gives_up(const OpenRequest& open) const {
  return state_.turning_back || state_.step(open.step).on_exhaustion == GiveUp::compensate;
}

void Course::park(const OpenRequest& open, std::string reason, bool declined) {
  emit(SagaParked{name_of(open.step), open.direction, std::move(reason), declined});
}

bool Course::key_forgotten(const OpenRequest& open) const {
  const auto limit = not_after(state_, open);
  return limit && timing_.at > *limit;
}

}  // namespace edda::saga
