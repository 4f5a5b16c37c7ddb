#pragma once

#include <atomic>
#include <memory>

#include "ports/event_store.hpp"
#include "ports/feature_level.hpp"
#include "ports/read_models.hpp"
#include "ports/store_check.hpp"
#include "ports/view_rebuild.hpp"
#include "sqlite/appender.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// The store of one machine: log, keys and views in one SQLite file.
/// Appends run on the calling thread (the lane's), reads on the database's reading threads; see Database for who may
/// touch the file. Thread-safety: callable from any thread. Lifetime: the database outlives it.
class SqliteStore final : public EventStore, public ReadModels, public ViewRebuild, public StoreCheck, public FeatureLevel {
 public:
  /// `if_new` makes the store when the database holds none.
  /// Errors: unavailable, corrupt, invalid_argument (a store of so many shards cannot be made).
  static Result<std::unique_ptr<SqliteStore>> open(Database& database, const NewStore& if_new);

  StoreInfo info() const override { return appender_->info(); }
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

  Task<Result<std::optional<OrderRecord>>> find_order(OrderId id, Deadline deadline) override;
  Task<Result<std::optional<PaymentRecord>>> find_payment(PaymentId id, Deadline deadline) override;
  Task<Result<std::optional<SagaRecord>>> find_saga(SagaId id, Deadline deadline) override;
  Task<Result<std::optional<ProductRecord>>> find_product(ProductId id, Deadline deadline) override;
  Task<Result<ListPage<OrderRecord>>> list_orders(OrderFilter filter, ListWindow window, Deadline deadline) override;
  Task<Result<ListPage<PaymentRecord>>> list_payments(PaymentFilter filter, ListWindow window,
                                                      Deadline deadline) override;
  Task<Result<ListPage<SagaRecord>>> list_sagas(SagaFilter filter, ListWindow window, Deadline deadline) override;
  Task<Result<ListPage<ProductRecord>>> list_products(ProductFilter filter, ListWindow window,
                                                      Deadline deadline) override;
  Task<Result<Totals>> totals(Deadline deadline) override;

  Task<Result<RebuildReport>> rebuild_views(StreamFold fold, bool compare_only,
                                            std::function<void(std::int64_t)> progress, Deadline deadline) override;

  Task<Result<StoreFindings>> check_log(Deadline deadline) override;
  Task<Result<StoreStats>> quick_stats(Deadline deadline) override;

  Task<Result<LevelView>> look_at_level(Deadline deadline) override;
  Task<Result<int>> raise_feature_level(int to, Deadline deadline) override;

 private:
  SqliteStore(Database& database, std::unique_ptr<Appender> appender)
      : database_(database), appender_(std::move(appender)) {}

  Database& database_;
  std::unique_ptr<Appender> appender_;
  std::atomic<bool> rebuilding_ = false;
};

}  // namespace edda::sqlite
