#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/timestamp.hpp"
#include "saga/definition.hpp"
#include "saga/events.hpp"
#include "views/rows.hpp"

/// The saga engine: a pure function from (state, input) to events and the one thing to do next.
///
/// The hard part of a saga is not the happy path but the answer that does not come. A requested step may take effect until an answer
/// under its key ends it, so the engine knows four outcomes, not two: succeeded, declined, failed (this send surely did nothing) and
/// unknown. Only when every send under a key was itself answered "failed" is the step over without effect; otherwise it is asked again
/// under the same key, voided, or parked for an operator. Nothing is compensated, and no saga ends, around an open step (R14).
namespace edda::saga {

enum class StepStatus {
  idle,            ///< not asked for yet
  requested,       ///< in the log, not ended: may take effect
  succeeded,       ///< took effect
  without_effect,  ///< declined, voided, or every send failed: never will
  undone,          ///< took effect and was compensated
};

struct StepState {
  StepStatus status = StepStatus::idle;
  int attempts = 0;
};

/// The one request that is not ended.
struct OpenRequest {
  std::size_t step = 0;
  Direction direction = Direction::forward;
  int attempt = 1;
  Epoch epoch;                            ///< of the owner that asked
  bool in_doubt = false;                  ///< some send of this key went without an answer
  std::optional<milliseconds> retry_in;   ///< set: answered "failed" or "unknown", to be asked again after this pause ...
  Timestamp since;                        ///< ... counted from here
};

/// What a saga's events add up to. Version 0: it has not started.
struct State {
  StreamVersion version;
  SagaId id;
  OrderId order;
  UserId user;
  const Definition* definition = nullptr;
  SagaStatus status = SagaStatus::started;
  std::vector<StepState> steps;
  std::optional<OpenRequest> open;
  bool compensating = false;  ///< also while parked
  bool start_undone = false;
  bool cancel_requested = false;
  std::string cancel_reason;
  std::string error;
  std::vector<std::string> completed_steps;
  std::vector<std::string> compensation_steps;

  bool exists() const { return version.value > 0; }
  bool ended() const { return exists() && !is_live(status); }
  const Step& step(std::size_t index) const { return definition->steps[index]; }
  std::optional<std::size_t> index_of(std::string_view step_name) const;
};

enum class Outcome { succeeded, declined, failed, unknown };
std::string_view to_string(Outcome outcome);

// What can happen to a saga.

struct Start {
  SagaId saga;
  const Definition* definition;
  OrderId order;
  UserId user;
};
/// An outside step was answered. For a void request `succeeded` means voided and `declined` that the action had taken effect before.
struct StepAnswered {
  std::size_t step = 0;
  Direction direction = Direction::forward;
  int attempt = 1;
  Outcome outcome = Outcome::unknown;
  std::string reason;
  bool in_doubt = false;     ///< the request was sent more than once, or by an earlier owner, and not every send was answered
  bool may_give_up = true;   ///< false: a "declined" must be parked, the business needs the effect
};
/// A step was done in this turn (`rejection` empty): a local one, or an outside one of which there was nothing to do.
struct LocalDone {
  std::optional<std::size_t> step;  ///< none: the undo of the start
  std::string rejection;
};
/// The pause before the next attempt is over.
struct RetryDue {
  std::size_t step = 0;
  Direction direction = Direction::forward;
  int attempt = 1;  ///< the attempt that failed
};
struct CancelRequested {
  std::string reason;
};
using Input = std::variant<Start, StepAnswered, LocalDone, RetryDue, CancelRequested>;

/// What must be done next. Outside actions become a SagaStepRequested (see `request`); local ones are decided in the same turn.
struct NextAction {
  Action action;
  Kind kind;
  std::optional<std::size_t> step;  ///< none: the undo of the start
  Direction direction = Direction::forward;
  int attempt = 1;
};

struct Decision {
  std::vector<Event> events;
  std::optional<NextAction> next;
};

/// `random` draws the jitter of a pause. An input that no longer matters (a doubled answer, a late timer) gives an empty decision.
Decision advance(const State& state, const Input& input, std::uint64_t random);

/// The event that asks for an outside action.
SagaStepRequested request(const State& state, const NextAction& next, Epoch epoch);

/// Cannot fail: events are facts. A definition this release does not know leaves `definition` unset: decide nothing for that saga.
State evolve(State state, const Event& event, Timestamp at);

/// The read-model row of a state. Needs an existing saga.
SagaRow row_of(const State& state);

}  // namespace edda::saga
