#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "kernel/kernel.hpp"
#include "world/store_append.hpp"
#include "world/store_transaction.hpp"

namespace edda::sim {

/// How the simulated database is set up, and its paces.
struct StoreSettings {
  std::uint16_t shards = 4;
  int feature_level = newest_feature_level;
  Timestamp starts_at{
      std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};  ///< its wall clock when the run starts
  /// Commits are acknowledged before the standby has them: a fail-over may lose those of the last `standby_lag`.
  /// Otherwise what was acknowledged stays.
  bool standby_may_lag = false;
  Duration standby_lag = std::chrono::milliseconds(200);
  /// One way between a node and the server.
  Duration link_min = std::chrono::microseconds(50);
  Duration link_max = std::chrono::milliseconds(2);
  /// A statement's time; a commit's (the disk's sync).
  Duration statement_min = std::chrono::microseconds(20);
  Duration statement_max = std::chrono::microseconds(400);
  Duration commit_min = std::chrono::microseconds(300);
  Duration commit_max = std::chrono::milliseconds(3);
  /// Waiting for a lock ends the transaction after this.
  Duration lock_timeout = std::chrono::seconds(1);
};

/// How a transaction ended, as its client's connection sees it.
enum class TransactionEnd {
  committed,
  failed,  ///< rolled back with an error (a lock timeout, a serialisation failure): surely not done
  cut,     ///< the connection broke: rolled back, or committed unheard
};

/// What tests and invariants see of every append's commit.
struct StoreCommit {
  SteadyTime at;
  std::span<const PassedTurn> turns;  ///< in the order of their positions within each shard
  int writer_knows = newest_feature_level;  ///< the feature level of the release that decided them
};

/// What a fail-over did.
struct StoreFailOver {
  Uuid generation;
  std::size_t dropped = 0;  ///< commits that the standby had not got
};

/// One database server that all nodes of a simulated cluster share, with the meaning of PostgreSQL at READ COMMITTED:
/// transactions of several statements that take time and come in between one another, locks, waits for uncommitted
/// keys; crashes, and fail-overs to a standby. Nodes reach it through a NodeStore each. Thread-safety: none, as all of
/// the simulation. Lifetime: as long as the run.
class SimStore {
 public:
  using Done = std::move_only_function<void(TransactionEnd)>;

  SimStore(Kernel& kernel, StoreSettings settings);

  /// Starts a transaction now; `done` hears of its end once.
  /// `break_after`: what happens when that many statements were done before it committed; 0: nothing.
  void begin(std::shared_ptr<Transaction> transaction, Done done, int break_after = 0,
             TransactionEnd break_as = TransactionEnd::failed);

  /// False while it restarts: connections are refused.
  bool is_up() const { return kernel_.scheduler.now() >= up_again_; }
  /// The server crashes and comes back after `down`: what is under way is rolled back, and what is being committed is
  /// there or not; nobody hears of it.
  void restart(Duration down);
  /// The standby takes over after `down`: as a restart, with a new generation, and, where the setting allows it,
  /// without the last commits. Returns how many those were.
  std::size_t fail_over(Duration down);

  /// The operator says that every node understands the newest level (R23).
  void raise_feature_level() { database_.data.feature_level = newest_feature_level; }

  /// Every append's commit, at its instant; then, what invariants say about the data may be looked at.
  std::function<void(const StoreCommit&)> on_commit;
  std::function<void(const StoreFailOver&)> on_fail_over;

  /// All that is committed.
  const StoreData& data() const { return database_.data; }
  StoreInfo info() const;
  /// The server's wall clock, which nobody skews.
  Timestamp clock() const;
  std::size_t transactions_under_way() const { return running_.size(); }
  Kernel& kernel() { return kernel_; }
  const StoreSettings& settings() const { return settings_; }

 private:
  struct Running {
    std::shared_ptr<Transaction> transaction;
    Done done;
    int steps_until_break = 0;
    TransactionEnd break_as = TransactionEnd::failed;
    bool committing = false;
    Timer timer;  ///< its next statement, or the end of its patience
  };
  using Place = std::list<Running>::iterator;
  /// A commit that the standby may not have yet.
  struct Unsynced {
    SteadyTime at;
    UndoLog undo;
  };

  void advance(Place place);
  void go_on(Place place, Duration after);
  void finish(Place place, TransactionEnd end);
  void commit(Place place);
  void wake();
  void stop_all();
  void count(const AppendTransaction& append);
  std::size_t drop_tail();

  Kernel& kernel_;
  const StoreSettings settings_;
  Database database_;
  std::list<Running> running_;
  std::deque<Unsynced> unsynced_;
  SteadyTime up_again_;
  std::uint64_t generations_ = 0;
};

}  // namespace edda::sim
