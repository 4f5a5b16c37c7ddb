#pragma once

#include <deque>
#include <optional>

#include "async/task_group.hpp"
#include "owner/circuit_breaker.hpp"
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
};

/// Counters since the start, for metrics.
struct SenderStats {
  std::uint64_t sends = 0;
  std::uint64_t answers[4] = {0, 0, 0, 0};  ///< by saga::Outcome
  std::size_t in_flight = 0;
  std::size_t waiting = 0;  ///< for a free place, or for a breaker
  CircuitBreaker::State breaker = CircuitBreaker::State::closed;
  std::uint64_t breaker_opened = 0;
};

/// Has sends performed, at most so many at a time, and none while the gateway's breaker is open: the others wait in order.
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
             BreakerSettings breaker)
      : tasks_(tasks), steps_(steps), clock_(clock), listener_(listener), in_flight_max_(in_flight_max), breaker_(breaker) {}

  void send(Send send);
  /// Sends what waits and may go now.
  void pump();
  void clear();

  SenderStats stats() const;
  std::size_t backlog() const { return in_flight_ + waiting_.size() + held_.size(); }

 private:
  void start(Send send);
  void pump_held();
  Task<void> perform(Send send);

  TaskGroup& tasks_;
  StepExecutor& steps_;
  Clock& clock_;
  Listener& listener_;
  const std::size_t in_flight_max_;
  CircuitBreaker breaker_;
  std::size_t in_flight_ = 0;
  std::deque<Send> waiting_;  ///< for a free place
  std::deque<Send> held_;     ///< for the breaker
  SenderStats counted_;
};

}  // namespace edda::owner
