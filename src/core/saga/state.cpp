// The fold: from events to a state. It decides nothing; what follows from a state is the engine's.
#include "saga/state.hpp"

#include <algorithm>

#include "base/planted.hpp"
#include "saga/definitions.hpp"

namespace edda::saga {
namespace {

OpenRequest* find_open(State& state, std::string_view step) {
  const auto index = state.index_of(step);
  const auto found = std::ranges::find_if(state.open, [&](const OpenRequest& r) { return index && r.step == *index; });
  return found == state.open.end() ? nullptr : &*found;
}

/// The step's request has come to its end.
void close(State& state, std::string_view step, StepStatus status) {
  const auto index = state.index_of(step);
  if (!index) return;
  state.steps[*index].status = status;
  std::erase_if(state.open, [&](const OpenRequest& r) { return r.step == *index; });
  state.error.clear();
}

void turn_back(State& state, std::string_view reason) {
  if (state.turning_back) return;
  state.turning_back = true;
  state.turn_back_reason = reason;
}

void answer(State& state, std::string_view step, const std::string& reason, bool in_doubt,
            std::optional<milliseconds> retry_in, Timestamp at) {
  state.error = reason;
  OpenRequest* open = find_open(state, step);
  if (open == nullptr) return;
  open->in_doubt = open->in_doubt || in_doubt;
  open->retry_in = retry_in;
  open->answered = true;
  open->since = at;
}

void apply(State& state, const SagaStarted& e, Timestamp at) {
  state.id = e.saga;
  state.order = e.order;
  state.user = e.user;
  state.started_at = at;
  state.with = e.with;
  if (state.definition == nullptr) state.definition = find_definition(e.definition, e.definition_version);
  if (state.definition == nullptr) return;
  for (const Step& step : state.definition->steps) {
    const bool takes_part = !step.optional || std::ranges::find(e.with, step.name) != e.with.end();
    state.steps.push_back({takes_part ? StepStatus::idle : StepStatus::skipped, 0});
  }
}
void apply(State& state, const SagaStepRequested& e, Timestamp at) {
  const auto index = state.index_of(e.step);
  if (!index) return;
  OpenRequest request{.step = *index, .direction = e.direction, .attempt = e.attempt, .epoch = e.epoch,
                      .first_requested_at = at, .since = at};
  state.stuck = false;
  state.steps[*index].attempts = e.attempt;
  if (e.direction != Direction::compensate) state.steps[*index].status = StepStatus::requested;
  OpenRequest* before = find_open(state, e.step);
  if (before == nullptr) return void(state.open.push_back(request));
  // Another attempt, or a void that names the forward key: doubt and age are the key's, not the attempt's.
  request.in_doubt = before->in_doubt;
  request.first_requested_at = before->first_requested_at;
  if (before->direction == e.direction) request.budget_from = before->budget_from;
  *before = request;
}
void apply(State& state, const SagaStepCompleted& e, Timestamp) {
  close(state, e.step, StepStatus::succeeded);
  state.completed_steps.push_back(e.step);
}
void apply(State& state, const SagaStepDeclined& e, Timestamp) {
  close(state, e.step, StepStatus::without_effect);
  turn_back(state, e.reason);
}
void apply(State& state, const SagaStepFailed& e, Timestamp at) {
  answer(state, e.step, e.reason, e.in_doubt, e.retry_in, at);
  if (!e.ended) return;
  close(state, e.step, StepStatus::without_effect);
  state.error = e.reason;
  turn_back(state, e.reason);
}
void apply(State& state, const SagaStepUnknown& e, Timestamp at) {
  answer(state, e.step, e.reason, true, e.retry_in, at);
}
void apply(State& state, const SagaStepVoided& e, Timestamp) {
  close(state, e.step, StepStatus::without_effect);
  turn_back(state, "voided before it took effect");
}
void apply(State& state, const SagaCancelRequested& e, Timestamp) { turn_back(state, e.reason); }
void apply(State& state, const SagaDeadlinePassed&, Timestamp) { turn_back(state, "not finished within its time"); }
void apply(State& state, const SagaCompensationStarted& e, Timestamp) {
  turn_back(state, e.reason);
  state.compensating = true;
}
void apply(State& state, const SagaStepCompensated& e, Timestamp) {
  if (e.step.empty())
    state.start_undone = true;
  else
    close(state, e.step, StepStatus::undone);
  state.stuck = false;
  state.error.clear();
  state.compensation_steps.push_back(e.compensation);
}
void apply(State& state, const SagaParked& e, Timestamp at) {
  state.error = e.reason;
  OpenRequest* open = find_open(state, e.step);
  state.stuck = open == nullptr;
  if (open == nullptr) return;
  open->parked = true;
  open->answered = true;
  open->retry_in.reset();
  open->since = at;
  if (e.declined) open->in_doubt = false;
}
void apply(State& state, const SagaCompleted&, Timestamp) { state.status = SagaStatus::completed; }
void apply(State& state, const SagaCompensated&, Timestamp) { state.status = SagaStatus::compensated; }
void apply(State& state, const SagaWaitStarted& e, Timestamp at) {
  const auto index = state.index_of(e.step);
  if (!index) return;
  close(state, e.step, StepStatus::requested);
  state.open.push_back({.step = *index, .first_requested_at = at, .since = at, .wait = true});
  state.steps[*index].attempts = 1;
}
void apply(State&, const SagaSignalled&, Timestamp) {}
void apply(State& state, const SagaStepSkipped& e, Timestamp) { close(state, e.step, StepStatus::skipped); }
void apply(State& state, const SagaActionTaken& e, Timestamp) {
  if (e.action == OperatorAction::retry) state.stuck = false;
  for (OpenRequest& open : state.open) {
    if (!e.step.empty() && state.step(open.step).name != e.step) continue;
    // A person vouches for what happened.
    if (e.action == OperatorAction::state_outcome) open.in_doubt = false;
    if (e.action != OperatorAction::retry || !(open.parked || open.retry_in)) continue;
    open.parked = false;
    open.retry_ordered = true;
    open.budget_from = open.attempt;
  }
}
void apply(State& state, const SagaPaused&, Timestamp) { state.paused = true; }
void apply(State& state, const SagaResumed&, Timestamp) { state.paused = false; }
void apply(State& state, const SagaForceClosed&, Timestamp) {
  state.open.clear();
  state.status = SagaStatus::force_closed;
}

SagaStatus live_status(const State& state) {
  if (state.paused) return SagaStatus::paused;
  if (state.stuck || std::ranges::any_of(state.open, &OpenRequest::parked)) return SagaStatus::parked;
  return state.compensating ? SagaStatus::compensating : SagaStatus::started;
}

std::string current_step_of(const State& state) {
  if (state.ended()) return std::string(to_string(state.status));
  if (!state.open.empty()) return std::string(state.step(state.open.front().step).name);
  return state.completed_steps.empty() ? "initial" : state.completed_steps.back();
}

}  // namespace

std::optional<std::size_t> State::index_of(std::string_view step_name) const {
  if (definition == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < definition->steps.size(); ++i)
    if (definition->steps[i].name == step_name) return i;
  return std::nullopt;
}

const OpenRequest* State::open_at(std::size_t step) const {
  const auto found = std::ranges::find(open, step, &OpenRequest::step);
  return found == open.end() ? nullptr : &*found;
}

const OpenRequest* State::open_at(std::string_view step_name) const {
  const auto index = index_of(step_name);
  return index ? open_at(*index) : nullptr;
}

State evolve(State state, const Event& event, Timestamp at) {
  std::visit([&](const auto& e) { apply(state, e, at); }, event);
  ++state.version.value;
  if (!state.ended()) state.status = live_status(state);
  return state;
}

milliseconds timeout_of(const State& state, const OpenRequest& request) {
  const Step& step = state.step(request.step);
  return request.direction == Direction::compensate ? step.compensation.timeout : step.timeout;
}

const RetryPolicy& retry_of(const State& state, const OpenRequest& request) {
  const Step& step = state.step(request.step);
  return request.direction == Direction::compensate ? step.compensation.retry : step.retry;
}

std::optional<Timestamp> not_after(const State& state, const OpenRequest& request) {
  const milliseconds retention = state.step(request.step).key_retention;
  if (retention == milliseconds(0) || EDDA_PLANTED(not_after_ignored)) return std::nullopt;
  return request.first_requested_at + retention / 2;
}

std::optional<Timestamp> next_wakeup(const State& state) {
  if (state.definition == nullptr || state.ended() || state.paused) return std::nullopt;
  std::optional<Timestamp> next;
  const auto at_latest = [&](Timestamp at) { next = next ? std::min(*next, at) : at; };
  if (state.definition->deadline > milliseconds(0) && !state.turning_back)
    at_latest(state.started_at + state.definition->deadline);
  for (const OpenRequest& open : state.open) {
    if (open.parked) continue;
    if (open.wait) at_latest(open.since + timeout_of(state, open));
    if (const auto limit = not_after(state, open)) at_latest(*limit);
  }
  return next;
}

SagaRow row_of(const State& state) {
  return SagaRow{state.id,
                 state.order,
                 state.user,
                 state.definition != nullptr ? std::string(state.definition->name) : std::string(),
                 state.definition != nullptr ? state.definition->version : 0,
                 state.status,
                 current_step_of(state),
                 state.completed_steps,
                 state.compensation_steps,
                 state.error,
                 state.version};
}

}  // namespace edda::saga
