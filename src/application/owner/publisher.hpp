#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "lanes/turns.hpp"
#include "owner/fresh_events.hpp"
#include "owner/shard_user.hpp"
#include "ports/clock.hpp"
#include "ports/cursors.hpp"
#include "ports/event_sink.hpp"
#include "ports/log.hpp"

namespace edda::owner {

struct PublisherSettings {
  std::string reader = "feed";  ///< the cursor's name
  std::size_t page = 500;       ///< events that wait for their acknowledgement at a time, in each shard
  std::chrono::milliseconds publish_deadline{10'000};
  /// From the beginning of a page that was not full to that of the next one of its shard: what is committed meanwhile goes together.
  std::chrono::milliseconds gather{250};
  std::chrono::milliseconds pause{100};        ///< before trying again; doubled each time ...
  std::chrono::milliseconds pause_max{5'000};  ///< ... up to this
};

/// Counters since the start, for metrics.
struct PublisherStats {
  std::uint64_t published = 0;  ///< events, repeats included
  std::uint64_t failures = 0;   ///< of publishing
  std::uint64_t fenced = 0;     ///< shards lost to another node
  std::int64_t behind = 0;      ///< events committed and not yet acknowledged, as far as this node knows
  std::optional<Timestamp> behind_since;  ///< when the oldest of those was committed, or a little earlier; unset: there is none
};

/// Publishes the log of the shards this node owns, in the order of their positions and at least once. Each shard has a cursor in the
/// store: it stands behind the last event that was acknowledged together with all before it, and carries the owner's epoch, so that a
/// late owner cannot move it. Nothing waits for it: while the sink is down orders go on, and the cursor shows how far it is behind.
///
/// Lifecycle: `take` and `drop` (ShardKeeper); `on_commit` for every batch; `stop`.
/// Thread-safety: `on_commit` from any thread; everything else, and all work, on the one thread that runs the executor.
class Publisher final : public ShardUser {
 public:
  Publisher(boost::asio::any_io_executor executor, EventStore& store, Cursors& cursors, EventSink& sink, Clock& clock,
            Log& log, PublisherSettings settings);

  using OnLost = std::function<void(ShardId, Epoch, ShardLoss)>;
  void on_lost(OnLost listener) { on_lost_ = std::move(listener); }

  void take(ShardId shard, const TakeOver& taken) override;
  void drop(ShardId shard) override { shards_[shard.value].reset(); }
  void on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns);
  /// Where each shard's log ends, by shard number (Dispatcher::on_ends).
  void notice(const std::vector<Position>& ends);
  /// Another node says that the shard's log goes on as far as `end`.
  void notice(ShardId shard, Position end) { reaches(shard, end); }
  Task<void> stop();

  PublisherStats stats() const;

 private:
  struct Shard {
    Shard(Epoch of, std::size_t at_hand) : epoch(of), fresh(at_hand) {}

    const Epoch epoch;
    FreshEvents fresh;
    Position end;
    Position cursor;
    SteadyTime next_page{};  ///< not before
    std::optional<Timestamp> behind_since = {};  ///< set while the cursor is, or may be, behind the end
    bool cursor_known = false;
    bool running = false;
  };

  void reaches(ShardId id, Position end);
  Task<void> publish_all(ShardId id, Epoch epoch);
  Task<bool> read_cursor(ShardId id, Epoch epoch);
  Task<bool> publish_page(ShardId id, Epoch epoch);
  Task<Result<std::vector<RecordedEvent>>> read_page(ShardId id, Shard& shard);
  Task<bool> move_cursor(ShardId id, Epoch epoch, Position to);
  Shard* owned(ShardId shard, Epoch epoch) const;

  const boost::asio::any_io_executor executor_;
  EventStore& store_;
  Cursors& cursors_;
  EventSink& sink_;
  Clock& clock_;
  Log& log_;
  const PublisherSettings settings_;
  OnLost on_lost_;

  // Owned by the executor's thread.
  TaskGroup tasks_;
  std::vector<std::unique_ptr<Shard>> shards_;  ///< by shard number; null: not owned
  PublisherStats counted_;
};

}  // namespace edda::owner
