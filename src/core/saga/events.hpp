#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace edda::saga {

using std::chrono::milliseconds;

/// Which key of a step is meant: its action, its undo, or the voiding of an action whose fate is unknown.
enum class Direction { forward, compensate, void_request };
std::string_view to_string(Direction direction);
std::optional<Direction> parse_direction(std::string_view name);

/// What an operator can do about a saga.
enum class OperatorAction { retry, skip, compensate, cancel, pause, resume, force_close, state_outcome };
std::string_view to_string(OperatorAction action);
std::optional<OperatorAction> parse_operator_action(std::string_view name);

// Facts about one saga. Durations, never absolute times: the store decides when a turn happened.

struct SagaStarted {
  SagaId saga;
  std::string definition;
  int definition_version = 1;
  OrderId order;
  UserId user;
  std::vector<std::string> with;  ///< the optional steps that take part
};
/// The outside world must act: the owner of the shard reads this in the log and has it done under the key saga / step / direction.
struct SagaStepRequested {
  std::string step;
  Direction direction = Direction::forward;
  int attempt = 1;
  Epoch epoch;
};
struct SagaStepCompleted {
  std::string step;
  int attempt = 1;
};
/// A final no: it took no effect and never will under this key.
struct SagaStepDeclined {
  std::string step;
  Direction direction = Direction::forward;
  int attempt = 1;
  std::string reason;
};
/// An attempt that surely took no effect. `retry_in`: when the next follows. `ended`: no send under the key can take effect any more.
struct SagaStepFailed {
  std::string step;
  Direction direction = Direction::forward;
  int attempt = 1;
  std::string reason;
  bool in_doubt = false;  ///< another send of this request went without an answer
  bool ended = false;
  std::optional<milliseconds> retry_in;
};
/// An attempt whose fate nobody knows. Never treated as failed.
struct SagaStepUnknown {
  std::string step;
  Direction direction = Direction::forward;
  int attempt = 1;
  std::string reason;
  std::optional<milliseconds> retry_in;
};
/// The other side confirmed that nothing will take effect under the forward key.
struct SagaStepVoided {
  std::string step;
  int attempt = 1;
};
/// Somebody wants the saga to turn back: what took effect is undone.
struct SagaCancelRequested {
  std::string reason;
};
struct SagaCompensationStarted {
  std::string reason;
};
/// `compensation` is the undo's name ("refund_payment"), `step` the step it undid (empty: the saga's start).
struct SagaStepCompensated {
  std::string step;
  std::string compensation;
  int attempt = 1;
};
/// Waits for an operator, visibly. `declined`: the other side said no for good, so nothing is in doubt.
struct SagaParked {
  std::string step;
  Direction direction = Direction::forward;
  std::string reason;
  bool declined = false;
};
struct SagaCompleted {};
struct SagaCompensated {};
/// The step waits for a signal; its deadline counts from here.
struct SagaWaitStarted {
  std::string step;
};
struct SagaSignalled {
  std::string step;
  bool accepted = false;
  UserId by;
  std::string reason;
};
/// An operator left the step out.
struct SagaStepSkipped {
  std::string step;
};
/// Who did what about the saga, and why; its consequences follow. `step` is empty where the action concerns the whole saga.
struct SagaActionTaken {
  OperatorAction action = OperatorAction::retry;
  UserId by;
  std::string reason;
  std::string step;
};
/// Nothing new is asked for until it is resumed; answers are written down.
struct SagaPaused {};
struct SagaResumed {};
/// Ended by an operator's word. Nothing was open that could still take effect.
struct SagaForceClosed {};
/// The saga's own deadline: it turns back.
struct SagaDeadlinePassed {};

using Event =
    std::variant<SagaStarted, SagaStepRequested, SagaStepCompleted, SagaStepDeclined, SagaStepFailed, SagaStepUnknown,
                 SagaStepVoided, SagaCancelRequested, SagaCompensationStarted, SagaStepCompensated, SagaParked,
                 SagaCompleted, SagaCompensated, SagaWaitStarted, SagaSignalled, SagaStepSkipped, SagaActionTaken,
                 SagaPaused, SagaResumed, SagaForceClosed, SagaDeadlinePassed>;

/// The name under which the event stands in the log, a static string ("SagaStarted").
std::string_view type_name(const Event& event);
/// `saga` stands in every event's data.
std::string encode(SagaId saga, const Event& event);
/// Errors: corrupt (unknown type, or data that is not what the type says).
Result<Event> decode(std::string_view type, std::string_view data);

}  // namespace edda::saga
