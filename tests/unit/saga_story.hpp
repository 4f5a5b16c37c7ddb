#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "saga/engine.hpp"

namespace edda::testing_support {

/// One saga's story told input by input, without orders and payments: outside actions are written down as requests, local ones are done
/// at once. Each verb answers with the events it added, in short: "asked pay#2", "done pay", "undone pay", "parked pay".
class SagaStory {
 public:
  using Names = std::vector<std::string>;
  using Outcome = saga::Outcome;
  using Direction = saga::Direction;

  static constexpr Timestamp start_time{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
  static inline const SagaId saga_id{make_uuid_v7(start_time, {3}, 7)};
  static inline const OrderId order_id{make_uuid_v7(start_time, {1}, 7)};
  static inline const UserId user_id{make_uuid_v7(start_time, {4}, 9)};
  static inline const UserId operator_id{make_uuid_v7(start_time, {5}, 9)};

  explicit SagaStory(const saga::Definition& what) : definition(&what) { state = fresh(); }

  Names start(std::vector<std::string> with = {}) {
    return tell(saga::Start{saga_id, definition, order_id, user_id, std::move(with)});
  }
  /// The answer to what is open at the step.
  Names answer(std::string_view step, Outcome outcome, bool in_doubt = false) {
    const auto& open = *state.open_at(step);
    return tell(saga::StepAnswered{open.step, open.direction, open.attempt, outcome, "because", in_doubt, may_give_up});
  }
  /// An answer to any attempt in any direction, as a late or doubled message brings it.
  Names answer_to(std::string_view step, Direction direction, int attempt, Outcome outcome) {
    return tell(saga::StepAnswered{*state.index_of(step), direction, attempt, outcome, "because", false, may_give_up});
  }
  Names retry_due(std::string_view step) {
    const auto& open = *state.open_at(step);
    return tell(saga::RetryDue{open.step, open.direction, open.attempt});
  }
  Names time_due() { return tell(saga::TimeDue{}); }
  Names cancel() { return tell(saga::CancelRequested{"no longer wanted"}); }

  Names operate(saga::OperatorAction action, std::string step = {}, Outcome outcome = Outcome::unknown) {
    return follow(saga::operate(
        state, {action, operator_id, "on the phone", std::move(step), outcome, "ref", may_give_up}, timing()));
  }
  Names signal(std::string step, bool accepted) {
    return follow(saga::signal(state, {std::move(step), accepted, operator_id, "seen"}, timing()));
  }
  void pass(saga::milliseconds time) { now += time; }

  Names tell(const saga::Input& input) { return follow(saga::advance(state, input, timing())); }
  saga::Timing timing() const { return {now, random}; }

  /// The state that the log alone gives.
  saga::State replayed() const {
    saga::State again = fresh();
    for (const auto& [event, at] : history) again = saga::evolve(std::move(again), event, at);
    return again;
  }
  saga::State fresh() const {
    saga::State none;
    none.definition = definition;
    return none;
  }

  static std::string describe(const saga::Event& event);

  const saga::Definition* definition;
  saga::State state;
  std::vector<std::pair<saga::Event, Timestamp>> history;
  Timestamp now = start_time;
  std::uint64_t random = 0;
  Epoch epoch{1};
  std::string refused;  ///< the local action ("step" or "start") that its aggregate refuses
  bool may_give_up = true;

 private:
  Names follow(std::expected<saga::Decision, saga::Rejection> decision) {
    if (!decision) return {"!" + std::string(saga::to_string(decision.error()))};
    Names names;
    for (auto next = *std::move(decision);;) {
      for (const auto& event : next.events) record(event, names);
      std::optional<saga::LocalDone> done;
      for (auto action = next.next.begin(); action != next.next.end() && !done; ++action) done = act(*action, names);
      if (!done) return names;
      next = saga::advance(state, *done, timing());
    }
  }
  std::optional<saga::LocalDone> act(const saga::NextAction& action, Names& names) {
    if (action.kind == saga::Kind::outside) {
      record(saga::request(state, action, epoch), names);
      return std::nullopt;
    }
    const std::string name(action.step ? state.step(*action.step).name : std::string_view("start"));
    return saga::LocalDone{action.step, name == refused ? "refused" : ""};
  }
  void record(const saga::Event& event, Names& names) {
    names.push_back(describe(event));
    history.emplace_back(event, now);
    state = saga::evolve(std::move(state), event, now);
  }
};

inline std::string SagaStory::describe(const saga::Event& event) {
  const auto tries = [](int attempt) { return attempt > 1 ? "#" + std::to_string(attempt) : std::string(); };
  const auto towards = [](Direction direction) {
    return direction == Direction::forward ? "" : direction == Direction::compensate ? "undo of " : "void of ";
  };
  if (const auto* e = std::get_if<saga::SagaStepRequested>(&event))
    return std::string("asked ") + towards(e->direction) + e->step + tries(e->attempt);
  if (const auto* e = std::get_if<saga::SagaStepCompleted>(&event)) return "done " + e->step;
  if (const auto* e = std::get_if<saga::SagaStepDeclined>(&event)) return "declined " + e->step;
  if (const auto* e = std::get_if<saga::SagaStepFailed>(&event))
    return (e->ended ? "ended " : "failed ") + std::string(towards(e->direction)) + e->step;
  if (const auto* e = std::get_if<saga::SagaStepUnknown>(&event))
    return std::string("unknown ") + towards(e->direction) + e->step;
  if (const auto* e = std::get_if<saga::SagaStepVoided>(&event)) return "voided " + e->step;
  if (const auto* e = std::get_if<saga::SagaStepCompensated>(&event))
    return "undone " + (e->step.empty() ? "start" : e->step);
  if (const auto* e = std::get_if<saga::SagaParked>(&event))
    return std::string("parked ") + towards(e->direction) + (e->step.empty() ? "start" : e->step);
  if (const auto* e = std::get_if<saga::SagaWaitStarted>(&event)) return "waits for " + e->step;
  if (const auto* e = std::get_if<saga::SagaSignalled>(&event))
    return (e->accepted ? "accepted " : "refused ") + e->step;
  if (const auto* e = std::get_if<saga::SagaStepSkipped>(&event)) return "skipped " + e->step;
  if (const auto* e = std::get_if<saga::SagaActionTaken>(&event))
    return "operator: " + std::string(saga::to_string(e->action));
  if (std::holds_alternative<saga::SagaStarted>(event)) return "started";
  if (std::holds_alternative<saga::SagaCancelRequested>(event)) return "cancel";
  if (std::holds_alternative<saga::SagaDeadlinePassed>(event)) return "deadline";
  if (std::holds_alternative<saga::SagaCompensationStarted>(event)) return "turned back";
  if (std::holds_alternative<saga::SagaPaused>(event)) return "paused";
  if (std::holds_alternative<saga::SagaResumed>(event)) return "resumed";
  if (std::holds_alternative<saga::SagaForceClosed>(event)) return "force-closed";
  return std::holds_alternative<saga::SagaCompleted>(event) ? "completed" : "compensated";
}

}  // namespace edda::testing_support
