#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ports/event_store.hpp"
#include "world/store_transaction.hpp"

namespace edda::sim {

/// How often something happened that tests hope for.
struct AppendCounts {
  int own_turns = 0;   ///< recognised: stored by an earlier try
  int duplicates = 0;  ///< command keys that stood already
  int fenced = 0;
  int conflicts = 0;
  int claimed = 0;
  int waited = 0;           ///< for another transaction's key or shard
  int lost_after_wait = 0;  ///< keys whose holder committed while this one waited
};

/// A turn that the transaction stores.
struct PassedTurn {
  const Turn* turn = nullptr;  ///< its events' data stand in the log only
  Appended appended;
};

/// A batch of turns as one transaction (R1): command keys and claims in one sorted sequence, waiting for whoever holds
/// one uncommitted and keeping losers aside; the rows of the shards in ascending order; own turns, epochs, versions of
/// all that was folded, predecessors; events; views; the keys of turns that did not pass are taken back. A key per
/// statement, a shard per statement, then one for the checks and one for the writes, so that other nodes' appends come
/// in between.
class AppendTransaction final : public Transaction {
 public:
  AppendTransaction(std::shared_ptr<std::vector<Turn>> batch, std::uint16_t shards, int writer_knows = newest_feature_level);

  Progress step(Database& database) override;
  void commit(Database& database, UndoLog* undo) override;

  bool writes() const override { return !passed_.empty(); }

  /// In the batch's order; complete when ready.
  const std::vector<TurnOutcome>& outcomes() const { return outcomes_; }
  /// Those that this transaction stores (not those that stood already); complete when ready.
  std::span<const PassedTurn> passed() const { return passed_; }
  const AppendCounts& counts() const { return counts_; }
  int writer_knows() const { return writer_knows_; }

 private:
  enum class Phase { keys, shards, checks, writes };
  /// A key that a turn wants, and what came of it.
  struct Wanted {
    Digest128 key;
    std::size_t turn = 0;
    std::optional<std::size_t> claim;   ///< index in the turn's claims; none: its command key
    std::optional<KeyRow> standing;     ///< committed by another transaction
    std::optional<std::size_t> winner;  ///< an earlier turn of the batch that inserted it
    bool waited = false;

    bool inserted() const { return !standing && !winner; }
  };
  struct Head {
    ShardId shard;
    Position last;
    Timestamp last_at;
  };

  void want(const Digest128& key, std::size_t turn, std::optional<std::size_t> claim);
  Progress insert_key(Database& database);
  Progress lock_shard(Database& database);
  void check_all(const StoreData& data);
  TurnOutcome check(std::size_t index, const StoreData& data);
  std::optional<Appended> find_own(const Turn& turn, const StoreData& data) const;
  std::optional<TurnOutcome> find_obstacle(std::size_t index, const StoreData& data);
  std::optional<TurnOutcome> find_moved(const Turn& turn, const StoreData& data) const;
  std::optional<TurnOutcome> find_lost(std::size_t index, bool claims) const;
  bool lost_to_failed(std::size_t index) const;
  bool rests_on_failed(const Turn& turn) const;
  bool passed_as(TurnId turn) const;
  bool stores(std::size_t index) const;
  StreamVersion version_of(StreamId stream, const StoreData& data) const;
  Appended place(const Turn& turn);
  void count(const TurnOutcome& outcome);
  void write_events(const PassedTurn& passed, StoreData& data, UndoLog* undo);
  void write_keys(StoreData& data, UndoLog* undo);
  void write_views(const Turn& turn, StoreData& data, UndoLog* undo);

  std::shared_ptr<std::vector<Turn>> batch_;
  const int writer_knows_;
  Phase phase_ = Phase::keys;
  std::vector<Wanted> wanted_;  ///< by key, then by turn
  std::vector<Head> heads_;     ///< of the shards concerned, ascending
  std::size_t next_ = 0;        ///< in wanted_ or heads_
  std::vector<std::optional<Error>> refused_;
  std::vector<TurnOutcome> outcomes_;
  std::vector<std::pair<TurnId, Appended>> standing_;  ///< turns of the batch that pass, or stood already
  std::vector<PassedTurn> passed_;
  std::unordered_map<StreamId, StreamVersion> written_;  ///< by earlier turns of the batch
  AppendCounts counts_;
};

}  // namespace edda::sim
