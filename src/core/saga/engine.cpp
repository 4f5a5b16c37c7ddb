// What happens to a saga, written down. What follows from it is said in course.cpp.
#include "saga/engine.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "base/planted.hpp"
#include "saga/course.hpp"

namespace edda::saga {
namespace {

constexpr std::string_view forgotten = "the other side may have forgotten the key";

void hear(Course& course, const Start& input) {
  if (course.state().exists()) return;
  course.emit(SagaStarted{input.saga, std::string(input.definition->name), input.definition->version, input.order,
                          input.user, input.with});
}

void hear(Course& course, const CancelRequested& input) {
  if (!course.state().turning_back) course.emit(SagaCancelRequested{input.reason});
}

void hear(Course& course, const LocalDone& input) {
  const State& state = course.state();
  const std::string step = input.step ? course.name_of(*input.step) : std::string();
  if (state.compensating) {
    // A local undo that its aggregate refuses: a business rule this definition did not foresee.
    if (!input.rejection.empty()) return course.emit(SagaParked{step, Direction::compensate, input.rejection});
    const Compensation& undo = input.step ? course.undo_of(*input.step) : state.definition->undo_start;
    return course.emit(SagaStepCompensated{step, std::string(undo.name), 1});
  }
  if (!input.rejection.empty()) return course.emit(SagaStepDeclined{step, Direction::forward, 1, input.rejection});
  course.emit(SagaStepCompleted{step, 1});
}

void hear(Course& course, const RetryDue& input) {
  const State& state = course.state();
  const OpenRequest* open = state.open_at(input.step);
  const bool awaited = open != nullptr && open->direction == input.direction && open->attempt == input.attempt &&
                       open->retry_in && !state.paused;
  if (!awaited) return;
  if (course.key_forgotten(*open)) return course.no_more_tries(*open, std::string(forgotten));
  course.ask(input.step, input.direction, input.attempt + 1);
}

void hear(Course& course, const TimeDue&) {
  const State& state = course.state();
  if (state.paused) return;
  for (std::size_t i = 0; i < state.steps.size(); ++i) {
    const OpenRequest* open = state.open_at(i);
    if (open == nullptr || open->parked) continue;
    if (open->wait && course.at() >= open->since + timeout_of(state, *open))
      course.no_more_tries(*open, "nobody answered within its time");
    else if (course.key_forgotten(*open))
      course.no_more_tries(*open, std::string(forgotten));
  }
  const milliseconds deadline = state.definition->deadline;
  if (deadline > milliseconds(0) && course.at() >= state.started_at + deadline && !state.turning_back)
    course.emit(SagaDeadlinePassed{});
}

void hear(Course& course, const StepAnswered& input) {
  const OpenRequest* found = course.state().open_at(input.step);
  if (found == nullptr || found->wait) return;
  OpenRequest open = *found;
  // While a void is under way the action itself may still be answered, for good: such an answer ends the step.
  const bool action_answered_during_void =
      open.direction == Direction::void_request && input.direction == Direction::forward;
  if (input.direction != open.direction && !action_answered_during_void) return;
  const bool current = input.direction == open.direction && input.attempt == open.attempt && open.being_sent();
  open.direction = input.direction;

  const bool taken_for_failed = EDDA_PLANTED(unknown_as_failed) && input.outcome == Outcome::unknown;
  const Outcome outcome = taken_for_failed ? Outcome::failed : input.outcome;
  if (outcome == Outcome::succeeded) return course.succeeded(open, input.attempt);
  if (outcome == Outcome::declined) return course.declined(open, input.attempt, input.reason, !input.may_give_up);
  // An answer without effect counts only for the attempt that is being waited for.
  if (!current) return;
  const bool in_doubt = outcome == Outcome::unknown || input.in_doubt || open.in_doubt;
  course.not_done(open, outcome, in_doubt, input.reason);
}

constexpr std::array<std::string_view, 4> outcome_names{"succeeded", "declined", "failed", "unknown"};

}  // namespace

std::string_view to_string(Outcome outcome) { return outcome_names[static_cast<std::size_t>(outcome)]; }

std::optional<Outcome> parse_outcome(std::string_view name) {
  const auto found = std::ranges::find(outcome_names, name);
  if (found == outcome_names.end()) return std::nullopt;
  return static_cast<Outcome>(found - outcome_names.begin());
}

Decision advance(const State& state, const Input& input, Timing timing) {
  const auto* start = std::get_if<Start>(&input);
  EDDA_ASSERT(start != nullptr || state.definition != nullptr);
  if (state.ended()) return {};
  State before = state;
  if (start != nullptr && before.definition == nullptr) before.definition = start->definition;
  Course course(std::move(before), timing);
  std::visit([&](const auto& i) { hear(course, i); }, input);
  course.proceed();
  return course.take();
}

SagaStepRequested request(const State& state, const NextAction& next, Epoch epoch) {
  EDDA_ASSERT(next.step && next.kind == Kind::outside);
  return SagaStepRequested{std::string(state.step(*next.step).name), next.direction, next.attempt, epoch};
}

}  // namespace edda::saga
