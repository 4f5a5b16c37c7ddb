#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "lanes/lane.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"
#include "ports/log.hpp"
#include "ports/step_executor.hpp"

namespace edda::owner {

struct DispatcherSettings {
  std::string node;
  std::size_t in_flight_max = 4096;  ///< sends without an answer; further ones wait
  std::size_t backlog_max = 50'000;  ///< steps in flight, waiting or between two tries, beyond which no new order is taken
};

/// Counters since the start, for metrics.
struct DispatcherStats {
  std::uint64_t sends = 0;
  std::uint64_t answers[4] = {0, 0, 0, 0};  ///< by saga::Outcome
  std::size_t in_flight = 0;
  std::size_t timers = 0;
  std::size_t waiting = 0;
};

/// Acts for the shards this node owns: has every requested step performed under its key, brings the answer back as the next command, and
/// keeps the sagas' timers. Nothing lives only here: all of it is rebuilt from the log at a take-over (R8).
///
/// Lifecycle: `start` once, then `on_commit` for every batch, `stop` before the lane stops.
/// Thread-safety: `on_commit` from any thread; everything else, and all work, on the one thread that runs the executor.
class Dispatcher {
 public:
  Dispatcher(boost::asio::any_io_executor executor, EventStore& store, StepExecutor& steps, lanes::Epochs& epochs,
             Clock& clock, Random& random, Log& log, DispatcherSettings settings);

  /// The lane that the answers go to; set before `start`.
  void connect(lanes::Lane& lane) { lane_ = &lane; }

  /// Takes every shard over, which fences an earlier owner, and picks up its live sagas where they stand.
  Task<Result<void>> start(Deadline deadline);
  /// The in-process signal after a commit.
  void on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns);
  /// Ends all work; what was in flight is sent again after the next start.
  Task<void> stop();

  DispatcherStats stats() const;
  /// False while so much is to be done that further orders should be refused: what waits here is bounded by that.
  bool keeps_up() const { return in_flight_ + timers_ + waiting_.size() < settings_.backlog_max; }

 private:
  struct Send {
    StepRequest request;
    milliseconds timeout;
    std::optional<TurnId> cause;
    bool resent = false;
  };

  void pick_up(const turn::OrderCase& state, const saga::State& saga, const saga::OpenRequest& open,
               std::optional<TurnId> cause, bool resent);
  void on_turn(const lanes::CommittedTurn& turn);
  void send(Send send);
  Task<void> perform(Send send);
  Task<void> wait_and_retry(OrderId order, turn::RetryStep retry, SteadyTime due, std::optional<TurnId> cause);
  Task<void> bring(OrderId order, turn::Command command, std::optional<TurnId> cause);
  Task<Result<void>> take_over(ShardId shard, Deadline deadline);

  const boost::asio::any_io_executor executor_;
  EventStore& store_;
  StepExecutor& steps_;
  lanes::Epochs& epochs_;
  Clock& clock_;
  Random& random_;
  Log& log_;
  const DispatcherSettings settings_;
  lanes::Lane* lane_ = nullptr;

  // Owned by the executor's thread.
  TaskGroup tasks_;
  std::size_t in_flight_ = 0;
  std::size_t timers_ = 0;
  std::deque<Send> waiting_;
  DispatcherStats counted_;
};

}  // namespace edda::owner
