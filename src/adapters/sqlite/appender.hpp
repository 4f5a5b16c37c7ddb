#pragma once

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "ports/event_store.hpp"
#include "sqlite/batch.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// What a store is made with when its file is new.
struct NewStore {
  std::uint16_t shards = 1;
  /// Also given to a store that has none, as a copy made by a backup; nil: none is given.
  Uuid generation;
  int feature_level = newest_feature_level;
};

/// The writing half of the store: batches of turns, and owners.
/// Thread-safety: callable from any thread; serialised by the database's writer mutex.
class Appender {
 public:
  /// Creates the store's row in a new file, reads it in an old one, and where each shard ends.
  static Result<std::unique_ptr<Appender>> open(Database& database, const NewStore& if_new);

  StoreInfo info() const {
    StoreInfo info = info_;
    info.feature_level = feature_level_.load(std::memory_order_acquire);
    return info;
  }
  Result<std::vector<TurnOutcome>> append(const std::vector<Turn>& batch);
  /// Forgets what it knows of streams, because their rows are being rewritten. Called within a write transaction of the
  /// database.
  void forget_streams() { cache_.clear(); }
  Result<TakeOver> take_over(ShardId shard, const std::string& node, std::optional<Epoch> if_epoch);
  Result<int> raise_feature_level(int to);

 private:
  Appender(Database& database, WriteStatements statements, StoreInfo info, std::vector<ShardHead> heads)
      : database_(database), statements_(std::move(statements)), info_(info), feature_level_(info.feature_level), heads_(std::move(heads)) {}

  using Outcomes = std::vector<TurnOutcome>;
  Result<void> append_part(Connection& connection, std::span<const Turn> turns, std::span<TurnOutcome> outcomes,
                           StandingTurns& standing, NewStreams new_streams);
  Result<void> try_part(Connection& connection, std::span<const Turn> turns, std::span<TurnOutcome> outcomes,
                        StandingTurns& standing, NewStreams new_streams);
  void keep(Batch& batch);

  Database& database_;
  WriteStatements statements_;    // guarded by the writer mutex, as all below
  const StoreInfo info_;          // set once; the level below
  std::atomic<int> feature_level_;
  std::vector<ShardHead> heads_;  // by shard; as committed
  StreamCache cache_;
};

}  // namespace edda::sqlite
