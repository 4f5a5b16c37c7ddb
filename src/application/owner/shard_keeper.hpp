#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "owner/fair_share.hpp"
#include "owner/shard_user.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/shard_ownership.hpp"

namespace edda::owner {

struct KeeperSettings {
  std::string node;
  Uuid incarnation = {};  ///< of this process
  /// A dead node's shards are free after the rest of its lease, and seen to be at the next beat: 1.5 s and 0.3 s leave 0.2 s to take them
  /// within two seconds of its death.
  std::chrono::milliseconds lease{1'500};
  std::chrono::milliseconds every{300};
  /// How far the store's clock and this node's may be apart: time stamps, pauses and deadlines are reckoned by both.
  std::chrono::milliseconds clock_off_max{2'000};
};

/// Counters since the start, for metrics.
struct KeeperStats {
  std::size_t held = 0;
  std::size_t nodes = 0;                ///< alive at the last look
  std::uint64_t taken = 0;
  std::uint64_t too_late = 0;           ///< take-overs that another node was quicker at
  std::uint64_t released = 0;           ///< handed over to make shares even, or because they could not be read
  std::uint64_t lapses = 0;             ///< all shards dropped: the lease had run out
  std::uint64_t clock_off = 0;          ///< looks at which the clocks were too far apart
  std::uint64_t beats_failed = 0;
};

/// Keeps a node's fair share of the shards in a cluster: shows that the node lives, takes shards that nobody owns or whose owner is
/// dead, hands over what is more than its share.
///
/// A node may act for its shards until its lease has run out on its own steady clock, counted from before it asked for it: then it drops
/// them all at once, whether or not it can still reach the store. That is courtesy; what makes a late owner harmless is the epoch, which
/// every take-over raises (R9).
///
/// As long as another process lives under the node's name it acts for no shard. That one may be dead, and its lease not over yet: only
/// when it goes on showing itself there are two (displaced).
///
/// Lifecycle: `start` once, `stop` before the shard users stop. Thread-safety: on the one thread that runs the executor.
class ShardKeeper {
 public:
  ShardKeeper(boost::asio::any_io_executor executor, EventStore& store, ShardOwnership& ownership, Clock& clock, Log& log,
              std::vector<ShardUser*> users, KeeperSettings settings);

  void start();
  /// Drops everything and hands it over at once.
  Task<void> stop();

  /// A shard user can no longer act for a shard (Dispatcher::on_lost).
  void lost(ShardId shard, Epoch epoch, ShardLoss why);

  /// True while this process is the one that lives under the node's name, as far as the last look tells.
  bool is_registered() const { return registered_; }
  /// Another process lives under the node's name, and was seen to do so: already_exists, reason "node_id_taken".
  std::optional<Error> displaced() const;
  /// True once this node has taken its share for the first time.
  bool has_joined() const { return joined_; }
  /// What went wrong at the last look or take-over; unset while all goes well.
  const std::optional<Error>& trouble() const { return trouble_; }
  /// The cluster as it was at the last look; empty before the first.
  const ClusterView& seen() const { return seen_; }
  bool holds(ShardId shard) const { return holdings_.held.contains(shard); }
  KeeperStats stats() const;

 private:
  Task<void> beat_for_ever();
  Task<void> watch_lease();
  Task<void> beat();
  bool clocks_agree(const ClusterView& view, Timestamp before, Timestamp after) const;
  Task<void> step_back();
  void wait_for_other(Timestamp until);
  NodeProcess self() const { return {settings_.node, settings_.incarnation}; }
  void reconcile(const ClusterView& view);
  Task<void> rebalance(ClusterView view);
  /// False if the shard could not be taken, and not because another node was quicker.
  Task<bool> take(ShardOwner shard);
  Task<void> release(ShardId shard, Epoch epoch);
  void note_orphans(const ClusterView& view);
  void drop(ShardId shard);
  void drop_all();
  bool lease_holds() const { return clock_.steady_now() < lease_until_; }
  Deadline soon() const { return Deadline{clock_.steady_now() + settings_.lease / 2}; }

  EventStore& store_;
  ShardOwnership& ownership_;
  Clock& clock_;
  Log& log_;
  const std::vector<ShardUser*> users_;
  const KeeperSettings settings_;

  // Owned by the executor's thread.
  TaskGroup tasks_;
  SteadyTime lease_until_ = SteadyTime::min();
  SteadyTime planned_until_ = SteadyTime::min();  ///< looks begun earlier do not show what was done since
  bool rebalancing_ = false;
  bool stepped_back_ = false;
  ShardHoldings holdings_;
  std::map<ShardId, int> free_looks_;      ///< in a row at which nobody owned the shard
  std::set<ShardId> handed_over_;          ///< once already because it could not be read: the next time it is kept
  std::map<ShardId, SteadyTime> avoid_until_;
  ClusterView seen_;
  bool joined_ = false;
  bool registered_ = false;
  bool displaced_ = false;
  int renewals_ = 0;                      ///< of the other process's lease, seen
  std::optional<Timestamp> other_until_;  ///< set while another process has the node's name
  std::optional<Error> trouble_;
  KeeperStats counted_;
};

}  // namespace edda::owner
