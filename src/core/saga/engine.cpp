#include "saga/engine.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "saga/definitions.hpp"

namespace edda::saga {
namespace {

milliseconds pause_before_next(const RetryPolicy& policy, int attempt, std::uint64_t random) {
  milliseconds pause = policy.first_pause;
  for (int i = 1; i < attempt && pause < policy.longest_pause; ++i) pause *= 2;
  pause = std::min(pause, policy.longest_pause);
  return pause + milliseconds(random % static_cast<std::uint64_t>(pause.count() / 2 + 1));
}

/// One call of `advance`: a copy of the state that moves on with every event it emits.
class Advance {
 public:
  Advance(const State& state, std::uint64_t random) : state_(state), random_(random) {}

  Decision take() { return std::move(decision_); }

  void on(const Start& input) {
    if (state_.exists()) return;
    emit(SagaStarted{input.saga, std::string(input.definition->name), input.definition->version, input.order,
                     input.user});
    go_forward();
  }

  void on(const CancelRequested& input) {
    if (state_.ended() || state_.compensating || state_.cancel_requested) return;
    emit(SagaCancelRequested{input.reason});
    if (!state_.open || state_.open->direction != Direction::forward) return;
    const bool parked = state_.status == SagaStatus::parked;
    if (!state_.open->retry_in && !parked) return;  // a charge in flight is awaited
    if (state_.open->in_doubt) return void_or_park("cancelled while its fate is unknown");
    end_without_effect("cancelled before it took effect");
  }

  void on(const RetryDue& input) {
    const auto& open = state_.open;
    if (!open || state_.status == SagaStatus::parked || open->step != input.step ||
        open->direction != input.direction || open->attempt != input.attempt || !open->retry_in)
      return;
    ask(input.step, input.direction, input.attempt + 1);
  }

  void on(const LocalDone& input) {
    if (!input.rejection.empty()) return local_rejected(input);
    if (state_.compensating) {
      const bool start = !input.step;
      emit(SagaStepCompensated{start ? std::string() : name_of(*input.step),
                               std::string((start ? state_.definition->undo_start : undo_of(*input.step)).name), 1});
      return go_back();
    }
    emit(SagaStepCompleted{name_of(*input.step), 1});
    go_forward();
  }

  void on(const StepAnswered& input) {
    if (!state_.open || state_.open->step != input.step) return;
    const Direction asked = state_.open->direction;
    // While a void is under way the action itself may still be answered, for good: such an answer ends the step.
    const bool action_answered_during_void = asked == Direction::void_request && input.direction == Direction::forward;
    if (input.direction != asked && !action_answered_during_void) return;

    switch (input.outcome) {
      case Outcome::succeeded: return succeeded(input);
      case Outcome::declined: return declined(input);
      case Outcome::failed:
      case Outcome::unknown: break;
    }
    // Answers without effect count only for the attempt that is being waited for.
    if (action_answered_during_void || input.attempt != state_.open->attempt || state_.open->retry_in ||
        state_.status == SagaStatus::parked)
      return;
    no_effect_or_unknown(input);
  }

 private:
  template <class E>
  void emit(E event) {
    decision_.events.emplace_back(std::move(event));
    state_ = evolve(std::move(state_), decision_.events.back(), Timestamp{});
  }

  std::string name_of(std::size_t step) const { return std::string(state_.step(step).name); }
  const Compensation& undo_of(std::size_t step) const { return state_.step(step).compensation; }

  void ask(std::size_t step, Direction direction, int attempt) {
    const Step& definition = state_.step(step);
    const bool undo = direction == Direction::compensate;
    decision_.next = NextAction{undo ? definition.compensation.action : definition.action,
                                undo ? definition.compensation.kind : definition.kind, step, direction, attempt};
  }

  /// The next step that has not been asked for, or the end.
  void go_forward() {
    if (state_.cancel_requested) return start_compensation(state_.cancel_reason);
    for (std::size_t i = 0; i < state_.steps.size(); ++i)
      if (state_.steps[i].status == StepStatus::idle) return ask(i, Direction::forward, 1);
    emit(SagaCompleted{});
  }

  void start_compensation(const std::string& reason) {
    emit(SagaCompensationStarted{reason});
    go_back();
  }

  /// The undo of the last step that took effect; then of the start; then the end.
  void go_back() {
    for (std::size_t i = state_.steps.size(); i-- > 0;)
      if (state_.steps[i].status == StepStatus::succeeded && undo_of(i).needed())
        return ask(i, Direction::compensate, 1);
    if (state_.definition->undo_start.needed() && !state_.start_undone) {
      decision_.next = NextAction{state_.definition->undo_start.action, Kind::local, std::nullopt, Direction::compensate, 1};
      return;
    }
    emit(SagaCompensated{});
  }

  void park(std::size_t step, Direction direction, const std::string& reason) {
    emit(SagaParked{name_of(step), direction, reason});
  }

  void succeeded(const StepAnswered& input) {
    if (input.direction == Direction::compensate) {
      emit(SagaStepCompensated{name_of(input.step), std::string(undo_of(input.step).name), input.attempt});
      return go_back();
    }
    if (input.direction == Direction::void_request) {
      emit(SagaStepVoided{name_of(input.step), input.attempt});
      return give_up_or_park(input.step, input.reason.empty() ? "voided before it took effect" : input.reason);
    }
    emit(SagaStepCompleted{name_of(input.step), input.attempt});
    go_forward();
  }

  void declined(const StepAnswered& input) {
    if (input.direction == Direction::void_request) {  // too late to void: the action had taken effect
      emit(SagaStepCompleted{name_of(input.step), input.attempt});
      return go_forward();
    }
    const bool must_park = input.direction == Direction::compensate || !input.may_give_up ||
                           state_.step(input.step).on_decline == GiveUp::park;
    if (must_park) return park(input.step, input.direction, "declined: " + input.reason);
    emit(SagaStepDeclined{name_of(input.step), input.direction, input.attempt, input.reason});
    start_compensation(state_.cancel_requested ? state_.cancel_reason : input.reason);
  }

  void no_effect_or_unknown(const StepAnswered& input) {
    const Step& step = state_.step(input.step);
    const bool unknown = input.outcome == Outcome::unknown;
    const bool in_doubt = unknown || input.in_doubt || state_.open->in_doubt;
    const bool wanted = input.direction != Direction::forward || !state_.cancel_requested;
    if (wanted && input.attempt < step.retry.attempts) {
      const auto pause = pause_before_next(step.retry, input.attempt, random_);
      return emit_answer(input, in_doubt, false, pause);
    }
    if (input.direction == Direction::forward && !in_doubt) return end_without_effect(input.reason);
    emit_answer(input, in_doubt, false, std::nullopt);
    if (input.direction == Direction::forward) return void_or_park(input.reason);
    park(input.step, input.direction, input.reason);
  }

  void emit_answer(const StepAnswered& input, bool in_doubt, bool ended, std::optional<milliseconds> retry_in) {
    if (input.outcome == Outcome::unknown)
      emit(SagaStepUnknown{name_of(input.step), input.direction, input.attempt, input.reason, retry_in});
    else
      emit(SagaStepFailed{name_of(input.step), input.direction, input.attempt, input.reason, in_doubt, ended, retry_in});
  }

  /// Every send under the open request's key surely did nothing, and no further one follows.
  void end_without_effect(const std::string& reason) {
    const OpenRequest open = *state_.open;
    emit(SagaStepFailed{name_of(open.step), open.direction, open.attempt, reason, false, true, std::nullopt});
    give_up_or_park(open.step, reason);
  }

  void give_up_or_park(std::size_t step, const std::string& reason) {
    if (state_.cancel_requested) return start_compensation(state_.cancel_reason);
    if (state_.step(step).on_exhaustion == GiveUp::park) return park(step, Direction::forward, reason);
    start_compensation(reason);
  }

  void void_or_park(const std::string& reason) {
    const std::size_t step = state_.open->step;
    if (state_.step(step).voidable) return ask(step, Direction::void_request, 1);
    park(step, Direction::forward, reason);
  }

  /// The aggregate refused a local step: a business rule this definition did not foresee.
  void local_rejected(const LocalDone& input) {
    if (state_.compensating || !input.step) {
      emit(SagaParked{input.step ? name_of(*input.step) : std::string(), Direction::compensate, input.rejection});
      return;
    }
    emit(SagaStepDeclined{name_of(*input.step), Direction::forward, 1, input.rejection});
    start_compensation(input.rejection);
  }

  State state_;
  std::uint64_t random_;
  Decision decision_;
};

void unpark(State& state) {
  if (state.status == SagaStatus::parked)
    state.status = state.compensating ? SagaStatus::compensating : SagaStatus::started;
  state.error.clear();
}

void set_status(State& state, std::string_view step, StepStatus status) {
  if (const auto index = state.index_of(step)) state.steps[*index].status = status;
}

void answer(State& state, const std::string& reason, bool in_doubt, std::optional<milliseconds> retry_in, Timestamp at) {
  state.error = reason;
  if (!state.open) return;
  state.open->in_doubt = state.open->in_doubt || in_doubt;
  state.open->retry_in = retry_in;
  state.open->since = at;
}

void apply(State& state, const SagaStarted& e, Timestamp) {
  state.id = e.saga;
  state.order = e.order;
  state.user = e.user;
  state.definition = find_definition(e.definition, e.definition_version);
  if (state.definition != nullptr) state.steps.resize(state.definition->steps.size());
}
void apply(State& state, const SagaStepRequested& e, Timestamp at) {
  const auto index = state.index_of(e.step);
  if (!index) return;
  const bool same_step = state.open && state.open->step == *index && e.direction != Direction::compensate;
  state.open = OpenRequest{*index, e.direction, e.attempt, e.epoch, same_step && state.open->in_doubt, {}, at};
  state.steps[*index].attempts = e.attempt;
  if (e.direction != Direction::compensate) state.steps[*index].status = StepStatus::requested;
  if (state.status == SagaStatus::parked)
    state.status = state.compensating ? SagaStatus::compensating : SagaStatus::started;
}
void apply(State& state, const SagaStepCompleted& e, Timestamp) {
  unpark(state);
  set_status(state, e.step, StepStatus::succeeded);
  state.open.reset();
  state.completed_steps.push_back(e.step);
}
void apply(State& state, const SagaStepDeclined& e, Timestamp) {
  unpark(state);
  set_status(state, e.step, StepStatus::without_effect);
  state.open.reset();
}
void apply(State& state, const SagaStepFailed& e, Timestamp at) {
  answer(state, e.reason, e.in_doubt, e.retry_in, at);
  if (!e.ended) return;
  set_status(state, e.step, StepStatus::without_effect);
  state.open.reset();
}
void apply(State& state, const SagaStepUnknown& e, Timestamp at) { answer(state, e.reason, true, e.retry_in, at); }
void apply(State& state, const SagaStepVoided& e, Timestamp) {
  unpark(state);
  set_status(state, e.step, StepStatus::without_effect);
  state.open.reset();
}
void apply(State& state, const SagaCancelRequested& e, Timestamp) {
  state.cancel_requested = true;
  state.cancel_reason = e.reason;
}
void apply(State& state, const SagaCompensationStarted&, Timestamp) {
  state.compensating = true;
  state.status = SagaStatus::compensating;
}
void apply(State& state, const SagaStepCompensated& e, Timestamp) {
  unpark(state);
  if (e.step.empty())
    state.start_undone = true;
  else
    set_status(state, e.step, StepStatus::undone);
  state.open.reset();
  state.compensation_steps.push_back(e.compensation);
}
void apply(State& state, const SagaParked& e, Timestamp) {
  state.status = SagaStatus::parked;
  state.error = e.reason;
}
void apply(State& state, const SagaCompleted&, Timestamp) { state.status = SagaStatus::completed; }
void apply(State& state, const SagaCompensated&, Timestamp) { state.status = SagaStatus::compensated; }

std::string current_step_of(const State& state) {
  if (state.status == SagaStatus::completed || state.status == SagaStatus::compensated)
    return std::string(to_string(state.status));
  if (state.open) return std::string(state.step(state.open->step).name);
  return state.completed_steps.empty() ? "initial" : state.completed_steps.back();
}

}  // namespace

std::optional<std::size_t> State::index_of(std::string_view step_name) const {
  if (definition == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < definition->steps.size(); ++i)
    if (definition->steps[i].name == step_name) return i;
  return std::nullopt;
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded: return "succeeded";
    case Outcome::declined: return "declined";
    case Outcome::failed: return "failed";
    case Outcome::unknown: return "unknown";
  }
  return "unknown";
}

Decision advance(const State& state, const Input& input, std::uint64_t random) {
  EDDA_ASSERT(std::holds_alternative<Start>(input) || state.definition != nullptr);
  if (state.ended()) return {};
  Advance advance(state, random);
  std::visit([&](const auto& i) { advance.on(i); }, input);
  return advance.take();
}

SagaStepRequested request(const State& state, const NextAction& next, Epoch epoch) {
  EDDA_ASSERT(next.step && next.kind == Kind::outside);
  return SagaStepRequested{std::string(state.step(*next.step).name), next.direction, next.attempt, epoch};
}

State evolve(State state, const Event& event, Timestamp at) {
  std::visit([&](const auto& e) { apply(state, e, at); }, event);
  ++state.version.value;
  return state;
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
