// Whatever a definition looks like and whatever happens to its saga, in whatever order: the engine's invariants hold.
// RapidCheck prints the seed; RC_PARAMS="seed=N" replays it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

#include "unit/saga_examples.hpp"
#include "unit/saga_story.hpp"

namespace edda {
namespace {

using namespace testing_support;
using saga::Direction;
using saga::OpenRequest;
using saga::OperatorAction;
using saga::Outcome;
using saga::State;
using saga::StepStatus;

/// Hands out draws one after another, for ever.
class Draws {
 public:
  explicit Draws(std::vector<unsigned> values) : values_(std::move(values)) {}
  unsigned below(unsigned bound) { return values_.empty() ? 0 : values_[next_++ % values_.size()] % bound; }
  bool one_in(unsigned n) { return below(n) == 0; }

 private:
  std::vector<unsigned> values_;
  std::size_t next_ = 0;
};

constexpr std::array<std::string_view, 8> names{"a", "b", "c", "d", "e", "f", "g", "h"};

Step random_step(Draws& draw, std::string_view name) {
  const unsigned kind = draw.below(6);
  Step step = kind == 0   ? wait_step(name)
              : kind == 1 ? local_step(name)
                          : outside_step(name, draw.one_in(4) ? "" : "undo");
  if (kind == 1 && draw.one_in(2)) step.compensation = Compensation::local("undo", Action::cancel_order);
  step.voidable = step.kind == saga::Kind::outside && draw.one_in(2);
  step.optional = draw.one_in(4);
  step.skippable = draw.one_in(2);
  if (step.kind == saga::Kind::outside && draw.one_in(2)) step.key_retention = 2 * an_hour;
  step.on_decline = draw.one_in(4) ? GiveUp::park : GiveUp::compensate;
  step.on_exhaustion = draw.one_in(4) ? GiveUp::park : GiveUp::compensate;
  return step;
}

/// One to eight steps in stages; about every second stage is a fork. What `checked` asks for holds by construction.
struct RandomDefinition {
  explicit RandomDefinition(Draws& draw) {
    const std::size_t count = 1 + draw.below(names.size());
    std::uint8_t forks = 0;
    while (steps.size() < count) {
      const std::size_t branches = count - steps.size() >= 2 && draw.one_in(2) ? 2 + draw.below(2) : 1;
      const std::uint8_t fork_number = branches > 1 ? ++forks : std::uint8_t{0};
      for (std::size_t branch = 1; branch <= branches && steps.size() < names.size(); ++branch)
        for (unsigned n = branches > 1 ? 1 + draw.below(2) : 1; n > 0 && steps.size() < names.size(); --n) {
          steps.push_back(random_step(draw, names[steps.size()]));
          steps.back().fork = fork_number;
          steps.back().branch = fork_number == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(branch);
        }
    }
    const auto undo = draw.one_in(3) ? Compensation::none_needed() : undo_of_start;
    definition = {"Random", 1, undo, draw.one_in(2) ? 6 * an_hour : milliseconds(0), steps};
  }
  std::vector<Step> steps;
  Definition definition{};
};

std::string text_of(const State& state) {
  std::string text =
      fmt::format("{} v{} back {} '{}' comp {} start {} paused {} stuck {} error '{}' done {} undone {}",
                  to_string(state.status), state.version.value, state.turning_back, state.turn_back_reason,
                  state.compensating, state.start_undone, state.paused, state.stuck, state.error,
                  fmt::join(state.completed_steps, ","), fmt::join(state.compensation_steps, ","));
  for (const auto& step : state.steps) text += fmt::format(" {}/{}", static_cast<int>(step.status), step.attempts);
  for (const OpenRequest& o : state.open)
    text +=
        fmt::format(" [{} {} #{} from {} since {} first {} in {} wait {} answered {} doubt {} parked {} ordered {}]",
                    o.step, static_cast<int>(o.direction), o.attempt, o.budget_from, o.since.time_since_epoch().count(),
                    o.first_requested_at.time_since_epoch().count(), o.retry_in ? o.retry_in->count() : -1, o.wait,
                    o.answered, o.in_doubt, o.parked, o.retry_ordered);
  return text;
}

/// One random thing that can happen.
void happen(SagaStory& story, Draws& draw) {
  const State& state = story.state;
  const auto any_step = [&] { return std::string(names[draw.below(static_cast<unsigned>(state.steps.size()))]); };
  const auto any_outcome = [&] { return static_cast<Outcome>(draw.below(4)); };
  story.random = draw.below(1000);
  story.may_give_up = !draw.one_in(8);
  if (draw.one_in(4))
    story.refused = draw.one_in(2) ? "start" : any_step();
  else
    story.refused.clear();
  if (draw.one_in(6)) story.pass(draw.below(4) * an_hour / 2);
  switch (draw.below(8)) {
    case 0:
      return void(story.operate(static_cast<OperatorAction>(draw.below(8)), draw.one_in(4) ? std::string() : any_step(),
                                any_outcome()));
    case 1:
      return void(story.signal(any_step(), !draw.one_in(3)));
    case 2:
      return void(draw.one_in(4) ? story.cancel() : story.time_due());
    case 3:
      return void(story.answer_to(any_step(), static_cast<Direction>(draw.below(3)),
                                  static_cast<int>(1 + draw.below(4)), any_outcome()));
    default:
      break;
  }
  if (state.open.empty()) return;
  const OpenRequest& open = state.open[draw.below(static_cast<unsigned>(state.open.size()))];
  const auto step = state.step(open.step).name;
  if (open.retry_in && draw.one_in(2)) return void(story.retry_due(step));
  story.answer(step, any_outcome(), draw.one_in(5));
}

/// What must hold of an event, in the state before it.
void check_event(const State& before, const saga::Event& event) {
  const auto only_its_own_open = [&](std::string_view step) {
    return std::ranges::all_of(before.open, [&](const OpenRequest& o) {
      return before.step(o.step).name == step && o.direction == Direction::compensate;
    });
  };
  // R14: nothing is compensated, and no saga ends, around an open step.
  if (const auto* asked = std::get_if<saga::SagaStepRequested>(&event);
      asked && asked->direction == Direction::compensate)
    RC_ASSERT(only_its_own_open(asked->step));
  if (const auto* undone = std::get_if<saga::SagaStepCompensated>(&event)) {
    RC_ASSERT(only_its_own_open(undone->step));
    RC_ASSERT(before.compensating);
    if (undone->step.empty()) return;
    // R17: what took effect, in reverse.
    const auto index = *before.index_of(undone->step);
    RC_ASSERT(before.steps[index].status == StepStatus::succeeded);
    for (std::size_t later = index + 1; later < before.steps.size(); ++later)
      RC_ASSERT(before.steps[later].status != StepStatus::succeeded || !before.step(later).compensation.needed());
  }
  const bool turns = std::holds_alternative<saga::SagaCompensationStarted>(event);
  const bool ends =
      std::holds_alternative<saga::SagaCompleted>(event) || std::holds_alternative<saga::SagaCompensated>(event);
  if (turns || ends) RC_ASSERT(before.open.empty());
  if (std::holds_alternative<saga::SagaForceClosed>(event))
    RC_ASSERT(std::ranges::none_of(before.open, &OpenRequest::may_take_effect));
  if (std::holds_alternative<saga::SagaCompensated>(event))
    for (std::size_t i = 0; i < before.steps.size(); ++i)
      RC_ASSERT(before.steps[i].status != StepStatus::succeeded || !before.step(i).compensation.needed());
  if (std::holds_alternative<saga::SagaCompleted>(event))
    for (const auto& step : before.steps)
      RC_ASSERT(step.status == StepStatus::succeeded || step.status == StepStatus::skipped);
  RC_ASSERT(!before.ended());
}

bool shares_a_branch(const State& state, const OpenRequest& a, const OpenRequest& b) {
  const Step& x = state.step(a.step);
  const Step& y = state.step(b.step);
  return !same_stage(x, y) || x.branch == y.branch;
}

void check_state(const State& state) {
  RC_ASSERT(!state.ended() || state.open.empty());
  if (!state.ended()) RC_ASSERT(!state.open.empty() || state.paused || state.stuck);  // R18
  for (std::size_t i = 0; i < state.open.size(); ++i) {
    const OpenRequest& open = state.open[i];
    RC_ASSERT(!open.retry_ordered);
    RC_ASSERT(state.paused || !open.spent());
    RC_ASSERT(!(open.wait && open.in_doubt));
    RC_ASSERT(!state.compensating || open.direction == Direction::compensate);
    for (std::size_t j = 0; j < i; ++j) RC_ASSERT(!shares_a_branch(state, open, state.open[j]));
  }
}

void check_new_events(const SagaStory& story, State& folded, std::size_t& seen) {
  for (; seen < story.history.size(); ++seen) {
    const auto& [event, at] = story.history[seen];
    check_event(folded, event);
    folded = saga::evolve(std::move(folded), event, at);
  }
}

std::vector<std::string> some_options(Draws& draw, const Definition& definition) {
  std::vector<std::string> with;
  for (const Step& step : definition.steps)
    if (step.optional && draw.one_in(2)) with.emplace_back(step.name);
  return with;
}

RC_GTEST_PROP(UnitSagaProperty, InvariantsHoldInAnyStory, (std::vector<unsigned> values)) {
  Draws draw(values);
  const RandomDefinition random(draw);
  SagaStory story(random.definition);
  State folded = story.fresh();
  std::size_t seen = 0;
  story.start(some_options(draw, random.definition));
  for (std::size_t i = 0; i < values.size(); ++i) {
    check_new_events(story, folded, seen);
    check_state(story.state);
    RC_ASSERT(text_of(story.state) == text_of(folded));
    happen(story, draw);
  }
  check_new_events(story, folded, seen);
  RC_ASSERT(text_of(story.state) == text_of(story.replayed()));
}

// What comes next stands in the state: an input that says nothing leads to nothing, however the state came about.
RC_GTEST_PROP(UnitSagaProperty, NothingIsForgottenBetweenTwoInputs, (std::vector<unsigned> values)) {
  Draws draw(values);
  const RandomDefinition random(draw);
  SagaStory story(random.definition);
  story.start(some_options(draw, random.definition));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto nothing = saga::advance(story.state, saga::RetryDue{0, Direction::forward, 99}, story.timing());
    RC_ASSERT(nothing.events.empty());
    RC_ASSERT(nothing.next.empty());
    happen(story, draw);
  }
}

// A doubled answer is absorbed.
RC_GTEST_PROP(UnitSagaProperty, ADoubledAnswerChangesNothing, (std::vector<unsigned> values, unsigned outcome)) {
  Draws draw(values);
  const RandomDefinition random(draw);
  SagaStory story(random.definition);
  story.start(some_options(draw, random.definition));
  for (std::size_t i = 0; i < values.size(); ++i) {
    happen(story, draw);
    if (story.state.open.empty()) continue;
    const OpenRequest open = story.state.open.front();
    const saga::StepAnswered answer{open.step, open.direction, open.attempt, static_cast<Outcome>(outcome % 4),
                                    "once",    false,          true};
    story.tell(answer);
    RC_ASSERT(story.tell(answer).empty());
  }
}

// Once everybody answers and operators do their work, every saga ends.
RC_GTEST_PROP(UnitSagaProperty, EverySagaCanBeBroughtToAnEnd, (std::vector<unsigned> values)) {
  Draws draw(values);
  const RandomDefinition random(draw);
  SagaStory story(random.definition);
  story.start(some_options(draw, random.definition));
  for (std::size_t i = 0; i < values.size(); ++i) happen(story, draw);
  story.refused.clear();
  story.may_give_up = true;
  for (int round = 0; round < 64 && !story.state.ended(); ++round) {
    if (story.state.paused) story.operate(OperatorAction::resume);
    if (story.state.stuck) story.operate(OperatorAction::retry);
    if (story.state.open.empty()) continue;
    const OpenRequest open = story.state.open.front();
    const std::string step(story.state.step(open.step).name);
    if (open.wait)
      story.signal(step, true);
    else if (open.parked && !open.in_doubt && story.operate(OperatorAction::skip, step).size() > 1)
      continue;
    else if (open.parked)
      story.operate(OperatorAction::state_outcome, step, Outcome::succeeded);
    else
      story.answer(step, Outcome::succeeded);
  }
  RC_ASSERT(story.state.ended());
}

}  // namespace
}  // namespace edda
