#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ports/event_store.hpp"
#include "ports/feature_level.hpp"
#include "postgres/pool.hpp"
#include "postgres/turn_batch.hpp"

namespace edda::postgres {

/// What a store is made with when its database is new.
struct NewStore {
  std::uint16_t shards = 16;
  Uuid generation;
  int feature_level = newest_feature_level;
};

/// The log of a cluster with its keys, claims and views. An append is one call of one function, and so one transaction with one commit; what
/// its connection cannot do in time the server ends. Turns check streams of their own shard only: the others' rows are not held.
/// On a server whose history is another one (a promoted standby, one restored to a point in time) the store gets a new generation: it is
/// known before the pool's first statement there, and an append that began over the old one is refused (unavailable, store_failed_over).
/// Thread-safety: callable from any thread. Lifetime: the pool outlives it.
class PostgresStore final : public EventStore, public FeatureLevel {
 public:
  /// The schema must be there (migrate()); `if_new` makes the store when the database holds none.
  /// Errors: unavailable, outcome_unknown (trying again is harmless), corrupt, invalid_argument (no such number of shards;
  /// feature_level_too_high).
  static Task<Result<std::unique_ptr<PostgresStore>>> open(Pool& pool, NewStore if_new, Deadline deadline);

  StoreInfo info() const override;
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) override;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override;
  Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit,
                                                      Deadline deadline) override;
  Task<Result<Backwards>> read_shard_backwards(ShardId shard, Position before, std::optional<std::string> type,
                                               std::size_t limit, std::size_t scan_limit, Deadline deadline) override;
  Task<Result<std::vector<Position>>> last_positions(Deadline deadline) override;
  Task<Result<std::optional<StoredKey>>> find_key(Digest128 key, Deadline deadline) override;
  Task<Result<std::optional<ProductRow>>> product_row(ProductId id, Deadline deadline) override;
  Task<Result<TakeOver>> take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                   Deadline deadline) override;
  Task<Result<LevelView>> look_at_level(Deadline deadline) override;
  Task<Result<int>> raise_feature_level(int to, Deadline deadline) override;

 private:
  /// What the store says of itself; the pool's connections note it too.
  struct Known {
    mutable std::mutex mutex;
    StoreInfo info;

    /// A fail-over changes the generation, an operator at any node the level.
    void note(Uuid generation, int feature_level);
  };

  PostgresStore(Pool& pool, std::shared_ptr<Known> known, std::uint16_t shards)
      : pool_(pool), shards_(shards), known_(std::move(known)) {}

  Task<Result<void>> append_part(std::span<const Turn* const> turns, std::span<TurnOutcome* const> outcomes,
                                 StandingTurns& standing, Uuid generation, Deadline deadline);
  Task<Result<std::vector<TurnOutcome>>> call(const TurnBatch& batch, Uuid generation, Deadline deadline);
  void note(Uuid generation, int feature_level) { known_->note(generation, feature_level); }
  static Task<Result<void>> meet_server(std::shared_ptr<Known> known, Connection& connection, Deadline deadline);

  Pool& pool_;
  const std::uint16_t shards_;
  const std::shared_ptr<Known> known_;
};

}  // namespace edda::postgres
