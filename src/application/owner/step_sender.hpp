#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "async/task_group.hpp"
#include "metrics/registry.hpp"
#include "owner/circuit_breaker.hpp"
#include "owner/wake_ups.hpp"
#include "ports/clock.hpp"
#include "ports/step_executor.hpp"
#include "turn/turn.hpp"

namespace edda::owner {

/// One send of an open request, and on whose authority.
struct Send {
  StepRequest request;
  milliseconds timeout{0};
  std::optional<TurnId> cause;
  bool resent = false;   ///< an earlier owner, or a writer of another epoch, may have sent it
  std::size_t step = 0;  ///< of the saga's definition
  ShardId shard;
  Epoch epoch;           ///< under which this node owned the shard when it began this
  bool probe = false;    ///< lets a breaker see whether its gateway is back
};

/// What a send was answered, on its way back into the log.
struct Answer {
  turn::AnswerStep step;
  OrderId order;
  std::optional<TurnId> cause;
  ShardId shard;
  Epoch epoch;  ///< as the send's
  TraceContext trace{};  ///< of the saga
};

/// How long answers take, by step and direction; null: it is not measured. It outlives whoever it is given to.
using StepMeter = metrics::Family<metrics::Histogram>*;

/// Counters since the start, for metrics.
struct SenderStats {
  std::uint64_t sends = 0;
  std::uint64_t answers[4] = {0, 0, 0, 0};  ///< by saga::Outcome
  std::size_t in_flight = 0;
  std::size_t waiting = 0;  ///< for a free place, or for a breaker
  std::size_t silent = 0;   ///< given up, because nobody answered in time, and still without an answer
  CircuitBreaker::State breaker = CircuitBreaker::State::closed;
  std::uint64_t breaker_opened = 0;
};

/// Has sends performed, at most so many at a time, and none while the gateway's breaker is open: the others wait in order. A send whose
/// executor does not keep its deadline is answered "unknown" in its place; what it says later is brought all the same if it is final.
/// Thread-safety: on the tasks' executor.
class StepSender {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Whether a send that had to wait still means anything.
    virtual bool wanted(const Send& send) const = 0;
    virtual Task<void> answered(Answer answer) = 0;
    /// Sends wait for the payment gateway's breaker: call `pump` then.
    virtual void pump_at(SteadyTime due) = 0;
  };

  StepSender(TaskGroup& tasks, StepExecutor& steps, Clock& clock, Listener& listener, std::size_t in_flight_max,
             BreakerSettings breaker, StepMeter seconds = nullptr);

  void send(Send send);
  /// Sends what waits and may go now.
  void pump();
  void clear();

  SenderStats stats() const;
  /// All that is remembered here, also the silent ones.
  std::size_t backlog() const { return under_way_.size() + waiting_.size() + held_.size(); }

 private:
  struct UnderWay {
    Answer answer;  ///< but for what is answered
    SteadyTime sent_at{};
    SteadyTime overdue_at{};
    bool at_gateway = false;
    bool probe = false;
    bool given_up = false;
  };
  std::size_t in_flight() const { return under_way_.size() - silent_; }
  void start(Send send);
  void pump_held();
  Task<void> perform(std::uint64_t number, StepRequest request, Deadline deadline);
  void on_overdue(std::uint64_t number);
  Task<void> end(UnderWay send, GatewayAnswer answered);
  Task<void> tell(Answer answer, GatewayAnswer answered);

  TaskGroup& tasks_;
  StepExecutor& steps_;
  Clock& clock_;
  Listener& listener_;
  const std::size_t in_flight_max_;
  CircuitBreaker breaker_;
  const StepMeter seconds_;
  WakeUps<std::uint64_t> overdue_;
  std::unordered_map<std::uint64_t, UnderWay> under_way_;  ///< by the number of the send
  std::size_t silent_ = 0;    ///< of those, given up
  std::deque<Send> waiting_;  ///< for a free place
  std::deque<Send> held_;     ///< for the breaker
  SenderStats counted_;
};

}  // namespace edda::owner
