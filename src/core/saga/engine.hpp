#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "saga/state.hpp"

/// The saga engine: a pure function from (state, input) to events and what to do next.
///
/// The hard part of a saga is not the happy path but the answer that does not come. A requested step may take effect until an answer
/// under its key ends it, so the engine knows four outcomes, not two: succeeded, declined, failed (this send surely did nothing) and
/// unknown. Only when every send under a key was itself answered "failed" is the step over without effect; otherwise it is asked again
/// under the same key, voided, or parked for an operator. Nothing is compensated, and no saga ends, around an open step (R14).
///
/// Its shape: an input is written down as events, and what comes next is a function of the state (course.cpp). So a pause, a restart and
/// an operator need no paths of their own: they change the state, and the same function says how it goes on.
namespace edda::saga {

enum class Outcome { succeeded, declined, failed, unknown };
std::string_view to_string(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view name);

// What can happen to a saga.

struct Start {
  SagaId saga;
  const Definition* definition;
  OrderId order;
  UserId user;
  std::vector<std::string> with{};  ///< the optional steps that take part
};
/// An outside step was answered. For a void request `succeeded` means voided and `declined` that the action had taken effect before.
struct StepAnswered {
  std::size_t step = 0;
  Direction direction = Direction::forward;
  int attempt = 1;
  Outcome outcome = Outcome::unknown;
  std::string reason;
  bool in_doubt = false;    ///< the request was sent more than once, or by an earlier owner, and not every send was answered
  bool may_give_up = true;  ///< false: a "declined" must be parked, the business needs the effect
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
  int attempt = 1;  ///< the attempt that was answered
};
/// A limit may have been reached, of a wait, a key or the saga: the engine looks at the time.
struct TimeDue {};
struct CancelRequested {
  std::string reason;
};
using Input = std::variant<Start, StepAnswered, LocalDone, RetryDue, TimeDue, CancelRequested>;

/// What the engine may not find out for itself.
struct Timing {
  Timestamp at;
  std::uint64_t random = 0;  ///< draws the jitter of a pause
};

/// What must be done next. Outside actions become a SagaStepRequested (see `request`); local ones are decided in the same turn.
struct NextAction {
  Action action;
  Kind kind;
  std::optional<std::size_t> step;  ///< none: the undo of the start
  Direction direction = Direction::forward;
  int attempt = 1;
};

/// `next` is what the state after `events` asks for; whatever is not done of it is said again by the next decision.
struct Decision {
  std::vector<Event> events;
  std::vector<NextAction> next;
};

/// Never refuses: an input that no longer matters (a doubled answer, a late timer) gives an empty decision.
Decision advance(const State& state, const Input& input, Timing timing);

/// The event that asks for an outside action.
SagaStepRequested request(const State& state, const NextAction& next, Epoch epoch);

// What people can do. Refusals are normal results.

struct Operate {
  OperatorAction action = OperatorAction::retry;
  UserId by;
  std::string reason;
  std::string step;                    ///< skip, state_outcome: which; retry: empty means all that is parked
  Outcome outcome = Outcome::unknown;  ///< state_outcome: of the step's action, or, while that is being undone, of its undo
  std::string reference;               ///< state_outcome: the other side's id of what it did
  bool may_give_up = true;             ///< as in StepAnswered; also for turning back. Set by the turn, not by the operator
};
struct Signal {
  std::string step;
  bool accepted = false;
  UserId by;
  std::string reason;
};

enum class Rejection {
  not_found,           ///< no such saga
  ended,               ///< nothing can be done about it any more
  no_such_step,
  nothing_to_retry,    ///< retry: nothing is parked or between two tries
  key_forgotten,       ///< retry: the other side may not remember the key any more; state the outcome
  not_skippable,       ///< skip: the definition does not allow it
  step_done,           ///< skip: too late
  step_open,           ///< skip, force-close: it may still take effect; state the outcome first
  already_turning_back,
  effect_is_owed,      ///< compensate, cancel: the business needs what this saga does
  already_paused,
  is_paused,           ///< retry: resume it first
  not_paused,
  not_open,            ///< state-outcome: the step was not asked for
  send_awaited,        ///< state-outcome: an answer is on its way
  outcome_needed,      ///< state-outcome: "unknown" states nothing
  not_waiting,         ///< signal
  feature_level_too_low,  ///< some node of this store would not understand the events
};
std::string_view to_string(Rejection rejection);

/// Errors: the rejection. Every action leaves SagaActionTaken before its consequences.
std::expected<Decision, Rejection> operate(const State& state, const Operate& what, Timing timing);

/// Errors: not_found, ended, no_such_step, not_waiting.
std::expected<Decision, Rejection> signal(const State& state, const Signal& signal, Timing timing);

}  // namespace edda::saga
