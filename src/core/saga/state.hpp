#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/timestamp.hpp"
#include "base/trace_context.hpp"
#include "saga/definition.hpp"
#include "saga/events.hpp"
#include "views/rows.hpp"

/// What a saga's events add up to. There is no other "saga": no thread, no job, no row that could disagree with the log.
namespace edda::saga {

enum class StepStatus {
  idle,            ///< not asked for yet
  requested,       ///< asked for (or waited for), not ended: may take effect
  succeeded,       ///< took effect
  without_effect,  ///< declined, voided, or every send failed: never will
  undone,          ///< took effect and was compensated
  skipped,         ///< takes no part: not named at the start, or left out by an operator
};

struct StepState {
  StepStatus status = StepStatus::idle;
  int attempts = 0;
};

/// A request that is not ended; at most one a branch. A parked one holds back whatever comes next, not the other branches' requests:
/// these are still sent, tried again and ended. A paused saga only writes answers down.
///
/// Exactly one of these holds: it is being sent; it was answered and is tried again after `retry_in`; it is parked; it waits for a
/// signal; or it is spent (answered, without a further try: the engine moves on at once, or when a paused saga is resumed).
struct OpenRequest {
  std::size_t step = 0;
  Direction direction = Direction::forward;
  int attempt = 1;
  Epoch epoch{};                         ///< of the owner that asked
  Timestamp first_requested_at{};        ///< under this key; of a void: under the key it voids
  Timestamp since{};                     ///< of the last event about it; a pause and the deadline of a wait count from here
  std::optional<milliseconds> retry_in{};  ///< set: to be asked again after this pause
  int budget_from = 0;                   ///< attempts count from here: an operator's retry brings a new budget
  bool wait = false;                     ///< for a signal; nothing is sent
  bool answered = false;                 ///< this attempt was; nothing is under way
  bool in_doubt = false;                 ///< some send under this key went without an answer
  bool parked = false;                   ///< for an operator
  bool retry_ordered = false;            ///< by an operator; holds only within that turn

  /// The owner sends it, and awaits the answer.
  bool being_sent() const { return !wait && !answered; }
  /// R14: nothing is compensated, and no saga ends, around such a request.
  bool may_take_effect() const { return in_doubt || being_sent(); }
  bool spent() const { return answered && !retry_in && !parked; }
};

/// Version 0: it has not started.
struct State {
  StreamVersion version;
  SagaId id;
  OrderId order;
  UserId user;
  const Definition* definition = nullptr;
  SagaStatus status = SagaStatus::started;
  Timestamp started_at;
  TraceContext trace;             ///< that it was started in; set by whoever folds, for no event's own data says it
  std::vector<std::string> with;  ///< the optional steps that take part
  std::vector<StepState> steps;
  std::vector<OpenRequest> open;
  bool turning_back = false;  ///< no step goes forward any more; compensation starts when nothing is open
  std::string turn_back_reason;
  bool compensating = false;  ///< also while parked or paused
  bool start_undone = false;
  bool paused = false;
  bool stuck = false;  ///< parked because an aggregate refused a local undo
  std::string error;
  std::vector<std::string> completed_steps;
  std::vector<std::string> compensation_steps;

  bool exists() const { return version.value > 0; }
  bool ended() const { return exists() && !is_live(status); }
  const Step& step(std::size_t index) const { return definition->steps[index]; }
  std::optional<std::size_t> index_of(std::string_view step_name) const;
  const OpenRequest* open_at(std::size_t step) const;
  const OpenRequest* open_at(std::string_view step_name) const;
};

/// Cannot fail: events are facts. A definition this release does not know leaves `definition` unset: decide nothing for that saga.
/// A definition that is set before SagaStarted stays: that is how tests bring their own.
State evolve(State state, const Event& event, Timestamp at);

/// How long one send of this request may stay without an answer.
milliseconds timeout_of(const State& state, const OpenRequest& request);
const RetryPolicy& retry_of(const State& state, const OpenRequest& request);

/// Nothing may be sent under the request's key after this: half of the time for which the other side surely remembers it (R12).
/// nullopt: it never forgets.
std::optional<Timestamp> not_after(const State& state, const OpenRequest& request);

/// When TimeDue should be brought at the latest: a wait, the saga or a key reaches its limit. nullopt: nothing is timed, or it is paused.
/// The pauses between two tries are apart from this: see OpenRequest::retry_in.
std::optional<Timestamp> next_wakeup(const State& state);

/// The read-model row of a state. Needs an existing saga.
SagaRow row_of(const State& state);

}  // namespace edda::saga
