#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "lanes/epochs.hpp"
#include "lanes/turns.hpp"
#include "owner/case_loads.hpp"
#include "owner/log_poll.hpp"
#include "owner/owned_shard.hpp"
#include "owner/shard_user.hpp"
#include "owner/step_sender.hpp"
#include "owner/wake_ups.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"
#include "ports/log.hpp"
#include "ports/step_executor.hpp"
#include "tracing/tracer.hpp"

namespace edda::owner {

struct DispatcherSettings {
  std::string node;
  std::size_t in_flight_max = 4096;  ///< sends without an answer; further ones wait
  std::size_t backlog_max = 50'000;  ///< steps in flight, waiting or between two tries, beyond which no new order is taken
  std::size_t loads_at_once = 8;     ///< orders folded from the log at the same time
  /// How often the log's ends are looked at for what nobody announced (R10): 0 where no other process writes. Then it is done only for a
  /// minute after an append of our own whose answer was lost.
  milliseconds poll{0};
  BreakerSettings breaker = {};
  StepMeter step_seconds = nullptr;
  /// From a saga's start to its end, by the state that it ended in; null: it is not measured. It outlives the dispatcher.
  metrics::Family<metrics::Histogram>* saga_seconds = nullptr;
  tracing::Tracer* tracer = nullptr;  ///< null: sagas are no spans; outlives the dispatcher
};

inline constexpr std::size_t saga_statuses = static_cast<std::size_t>(SagaStatus::force_closed) + 1;

/// Counters since the start, for metrics.
struct DispatcherStats : SenderStats {
  std::size_t timers = 0;  ///< pauses before a further attempt
  std::size_t live = 0;    ///< sagas that have not ended, in owned shards
  std::array<std::size_t, saga_statuses> by_status{};  ///< the live ones, by SagaStatus
  std::array<std::uint64_t, saga_statuses> ended{};    ///< those that were live here, by how they ended
  std::size_t shards = 0;        ///< owned
  std::size_t loading = 0;       ///< orders to be folded from the log
  std::uint64_t taken = 0;       ///< shards, at the start or from another node
  std::uint64_t fenced = 0;      ///< shards lost to another node
  std::uint64_t gap_events = 0;  ///< read from the log because nobody announced them
  std::uint64_t unreadable = 0;  ///< orders that this node cannot fold; their sagas stand still
  std::uint64_t closed = 0;      ///< shards given up because a newer release wrote into them

  /// Of the live ones, those that wait for an operator.
  std::size_t parked() const { return by_status[static_cast<std::size_t>(SagaStatus::parked)]; }
};

/// Acts for the shards this node owns: has every requested step performed under its key, brings the answer back as the next command, and
/// keeps the sagas' timers. Nothing lives only here: all of it is rebuilt from the log at a take-over (R8).
///
/// It is level-triggered. Whatever is heard of an order (a commit of this process, a stretch of the log that was missed, a take-over),
/// what is to be done follows from the order's state alone, and what is being done already is not begun twice. So it does not matter how
/// often, how late or by whom a change is told, as long as it is told at last; gaps between the positions of announced commits show what
/// was not.
///
/// Lifecycle: `connect`, then `start` (one machine) or `take` and `drop` (a cluster, by ShardKeeper); `on_commit` for every batch; `stop`
/// before the lane stops.
/// Thread-safety: `on_commit` from any thread; everything else, and all work, on the one thread that runs the executor.
class Dispatcher final : public ShardUser, private StepSender::Listener, private CaseLoads::Listener {
 public:
  Dispatcher(boost::asio::any_io_executor executor, EventStore& store, StepExecutor& steps, lanes::Epochs& epochs,
             Clock& clock, Random& random, Log& log, DispatcherSettings settings);

  /// The lane that the answers go to; set before `start`.
  void connect(lanes::Turns& lane) { lane_ = &lane; }
  /// Told when it can act for a shard no longer, after `drop` where it dropped the shard itself (all but unreadable). Of an unreadable order
  /// it is told once a take-over, and goes on with the others.
  using OnLost = std::function<void(ShardId, Epoch, ShardLoss)>;
  void on_lost(OnLost listener) { on_lost_ = std::move(listener); }

  /// Takes every shard over, which fences an earlier owner, and picks up its live sagas where they stand; these are read in the
  /// background (`ready`).
  Task<Result<void>> start(Deadline deadline);
  void take(ShardId shard, const TakeOver& taken) override;
  void drop(ShardId shard) override;

  /// The in-process signal after a commit: the turns in the order of their positions. None at all: something may have been stored whose
  /// answer was lost.
  void on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns);
  /// Another node says that the shard's log goes on as far as `end` (R10): what is missing up to there is read at once.
  void notice(ShardId shard, Position end);
  /// Also told of every look at the log's ends, by shard number.
  using OnEnds = std::function<void(const std::vector<Position>&)>;
  void on_ends(OnEnds listener) { on_ends_ = std::move(listener); }

  /// An answer that came another way than by the send's own (a webhook, a late reply): stored as the sends' answers are. One that no
  /// longer matters stores no turn. `deadline`: ten seconds from now, unless it is said. Errors: those of Lane::submit.
  Task<lanes::TurnAnswer> deliver(OrderId order, turn::AnswerStep answer, std::optional<Deadline> deadline = std::nullopt);

  /// Ends all work; what was in flight is sent again by the next owner.
  Task<void> stop();

  DispatcherStats stats() const;
  /// When the oldest step that has no outcome yet, and waits for nobody but the other side, was first asked for. Looks at every live saga.
  std::optional<Timestamp> oldest_step() const;
  struct Held {
    ShardId shard;
    Epoch epoch;
  };
  /// The shards that this node acts for.
  std::vector<Held> held() const;
  /// True when the live sagas of every owned shard have been looked at.
  bool ready() const;
  bool owns(ShardId shard) const { return shards_[shard.value] != nullptr; }
  /// False while so much is to be done that further orders should be refused: what waits here is bounded by that.
  bool keeps_up() const { return sender_.backlog() + pausing_ < settings_.backlog_max; }

 private:
  Task<void> load_live(ShardId shard, Epoch epoch, std::vector<OrderId> orders);

  // What the state of an order asks for.
  void on_turn(const lanes::CommittedTurn& turn);
  void look(OwnedShard& shard, const turn::OrderCase& state, std::optional<TurnId> cause);
  void look(OwnedShard& shard, const turn::OrderCase& state, const saga::State& saga, std::optional<TurnId> cause);
  void look_at_request(OwnedShard& shard, TrackedSaga& tracked, const turn::OrderCase& state, const saga::State& saga,
                       const saga::OpenRequest& open, std::optional<TurnId> cause);
  void start_pause(Work& work, const OwnedShard& shard, const saga::State& saga, const saga::OpenRequest& open);
  void set_time(TrackedSaga& tracked, const saga::State& saga);
  void set_status(TrackedSaga& tracked, const saga::State& saga);
  void note_end(const saga::State& saga);
  void trace_end(const saga::State& saga);
  void end_work(SagaId id, const Work& work);
  void forget(OwnedShard& shard, std::unordered_map<SagaId, TrackedSaga>::iterator saga);

  // Waiting, sending, answering.
  void on_due(const SagaWakeUp& key);
  void on_pause_over(ShardId id, OwnedShard& shard, SagaId saga, TrackedSaga& tracked, std::size_t step);
  Task<void> tell_time(ShardId shard, Epoch epoch, SagaId saga, OrderId order, StreamVersion version);
  Task<void> bring(ShardId shard, Epoch epoch, OrderId order, turn::Command command, std::optional<TurnId> cause,
                   TraceContext trace = {});
  Task<lanes::TurnAnswer> submit(OrderId order, turn::Command command, std::optional<TurnId> cause,
                                 std::optional<Epoch> epoch, Deadline deadline);
  bool wanted(const Send& send) const override;
  Task<void> answered(Answer answer) override;
  void pump_at(SteadyTime due) override;

  // What was not announced.
  void look_at_ends(const std::vector<Position>& ends);
  void look_at_end(ShardId id, Position end);
  void read_missing(ShardId id, OwnedShard& shard);
  Task<void> read_gap(ShardId id, Epoch epoch);
  void note_unannounced(ShardId id, OwnedShard& shard, const RecordedEvent& event);
  bool wanted(const CaseLoads::Load& load) const override { return owned(load.shard, load.epoch) != nullptr; }
  Position log_end(const CaseLoads::Load& load) const override { return owned(load.shard, load.epoch)->tail.end(); }
  void loaded(const CaseLoads::Load& load, const turn::OrderCase& state) override;
  void failed(const CaseLoads::Load& load, const Error& error) override;
  bool too_busy() const override { return !keeps_up(); }

  OwnedShard* owned(ShardId shard) const { return shards_[shard.value].get(); }
  /// nullptr unless this node owns the shard under this very epoch.
  OwnedShard* owned(ShardId shard, Epoch epoch) const;
  ShardId shard_of_id(const Uuid& id) const { return shard_of(id, shard_count_); }
  void lose(ShardId shard, Epoch epoch, ShardLoss why);
  /// R23: the lane, or this, met what only a newer release can have written.
  void give_up_if_closed(ShardId shard, Epoch epoch);
  /// Something is damaged: the order's sagas stand still, the shard's others go on. A newer release wrote it: the shard is given up.
  void cannot_read(ShardId shard, Epoch epoch, OrderId order, const Error& error);

  const boost::asio::any_io_executor executor_;
  EventStore& store_;
  lanes::Epochs& epochs_;
  Clock& clock_;
  Random& random_;
  Log& log_;
  const DispatcherSettings settings_;
  const std::uint16_t shard_count_;
  lanes::Turns* lane_ = nullptr;
  OnLost on_lost_;
  OnEnds on_ends_;

  // Owned by the executor's thread.
  TaskGroup tasks_;
  WakeUps<SagaWakeUp> wake_ups_;
  StepSender sender_;
  CaseLoads loads_;
  LogPoll poll_;
  std::vector<std::unique_ptr<OwnedShard>> shards_;  ///< by shard number; null: not owned
  std::size_t pausing_ = 0;
  std::array<std::size_t, saga_statuses> by_status_{};
  DispatcherStats counted_;
};

}  // namespace edda::owner
