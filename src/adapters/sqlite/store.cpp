#include "sqlite/store.hpp"

#include "sqlite/event_queries.hpp"
#include "sqlite/log_check.hpp"
#include "sqlite/view_queries.hpp"
#include "sqlite/view_rebuilder.hpp"

namespace edda::sqlite {

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(Database& database, const NewStore& if_new) {
  TRY(auto appender, Appender::open(database, if_new));
  return std::unique_ptr<SqliteStore>(new SqliteStore(database, std::move(appender)));
}

// Inline: the lane's thread has nothing better to do than to wait for the disk, and a switch of threads costs more than
// it saves.
Task<Result<std::vector<TurnOutcome>>> SqliteStore::append(const std::vector<Turn>& batch, Deadline) {
  co_return appender_->append(batch);
}

Task<Result<std::vector<RecordedEvent>>> SqliteStore::read_stream(StreamId stream, StreamVersion after,
                                                                  std::size_t limit, Deadline deadline) {
  co_return co_await database_.read(
      [=](Connection& connection) { return sqlite::read_stream(connection, stream, after, limit); }, deadline);
}

Task<Result<std::vector<RecordedEvent>>> SqliteStore::read_shard(ShardId shard, Position after, std::size_t limit,
                                                                 Deadline deadline) {
  co_return co_await database_.read(
      [=](Connection& connection) { return sqlite::read_shard(connection, shard, after, limit); }, deadline);
}

Task<Result<EventStore::Backwards>> SqliteStore::read_shard_backwards(ShardId shard, Position before,
                                                                      std::optional<std::string> type,
                                                                      std::size_t limit, std::size_t scan_limit,
                                                                      Deadline deadline) {
  co_return co_await database_.read(
      [=, type = std::move(type)](Connection& connection) {
        return sqlite::read_shard_backwards(connection, shard, before, type, limit, scan_limit);
      },
      deadline);
}

Task<Result<std::vector<Position>>> SqliteStore::last_positions(Deadline deadline) {
  co_return co_await database_.read([](Connection& connection) { return sqlite::last_positions(connection); },
                                    deadline);
}

Task<Result<std::optional<StoredKey>>> SqliteStore::find_key(Digest128 key, Deadline deadline) {
  co_return co_await database_.read([key](Connection& connection) { return sqlite::find_key(connection, key); },
                                    deadline);
}

Task<Result<std::optional<ProductRow>>> SqliteStore::product_row(ProductId id, Deadline deadline) {
  CO_TRY(auto record, co_await find_product(id, deadline));
  if (!record) co_return std::nullopt;
  co_return std::move(record->row);
}

Task<Result<TakeOver>> SqliteStore::take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                              Deadline) {
  co_return appender_->take_over(shard, node, if_epoch);
}

Task<Result<std::optional<OrderRecord>>> SqliteStore::find_order(OrderId id, Deadline deadline) {
  co_return co_await database_.read([id](Connection& connection) { return sqlite::find_order(connection, id); },
                                    deadline);
}

Task<Result<std::optional<PaymentRecord>>> SqliteStore::find_payment(PaymentId id, Deadline deadline) {
  co_return co_await database_.read([id](Connection& connection) { return sqlite::find_payment(connection, id); },
                                    deadline);
}

Task<Result<std::optional<SagaRecord>>> SqliteStore::find_saga(SagaId id, Deadline deadline) {
  co_return co_await database_.read([id](Connection& connection) { return sqlite::find_saga(connection, id); },
                                    deadline);
}

Task<Result<std::optional<ProductRecord>>> SqliteStore::find_product(ProductId id, Deadline deadline) {
  co_return co_await database_.read([id](Connection& connection) { return sqlite::find_product(connection, id); },
                                    deadline);
}

Task<Result<ListPage<OrderRecord>>> SqliteStore::list_orders(OrderFilter filter, ListWindow window, Deadline deadline) {
  co_return co_await database_.read(
      [filter = std::move(filter), window](Connection& connection) {
        return sqlite::list_orders(connection, filter, window);
      },
      deadline);
}

Task<Result<ListPage<PaymentRecord>>> SqliteStore::list_payments(PaymentFilter filter, ListWindow window,
                                                                 Deadline deadline) {
  co_return co_await database_.read(
      [filter = std::move(filter), window](Connection& connection) {
        return sqlite::list_payments(connection, filter, window);
      },
      deadline);
}

Task<Result<ListPage<SagaRecord>>> SqliteStore::list_sagas(SagaFilter filter, ListWindow window, Deadline deadline) {
  co_return co_await database_.read(
      [filter = std::move(filter), window](Connection& connection) {
        return sqlite::list_sagas(connection, filter, window);
      },
      deadline);
}

Task<Result<ListPage<ProductRecord>>> SqliteStore::list_products(ProductFilter filter, ListWindow window,
                                                                 Deadline deadline) {
  co_return co_await database_.read(
      [filter, window](Connection& connection) { return sqlite::list_products(connection, filter, window); }, deadline);
}

Task<Result<Totals>> SqliteStore::totals(Deadline deadline) {
  co_return co_await database_.read([](Connection& connection) { return sqlite::totals(connection); }, deadline);
}

// Nobody else can open the file.
Task<Result<LevelView>> SqliteStore::look_at_level(Deadline) { co_return LevelView{info().feature_level, {}}; }

Task<Result<int>> SqliteStore::raise_feature_level(int to, Deadline) { co_return appender_->raise_feature_level(to); }

Task<Result<StoreFindings>> SqliteStore::check_log(Deadline deadline) {
  co_return co_await sqlite::check_log(database_, deadline);
}

Task<Result<StoreStats>> SqliteStore::quick_stats(Deadline deadline) {
  co_return co_await database_.read(
      [this](Connection& connection) -> Result<StoreStats> {
        StoreStats stats;
        TRY(stats.pages, connection.integer("PRAGMA page_count"));
        TRY(stats.free_pages, connection.integer("PRAGMA freelist_count"));
        TRY(const std::int64_t page_bytes, connection.integer("PRAGMA page_size"));
        stats.file_bytes = stats.pages * page_bytes;
        stats.log_bytes = database_.wal_file_bytes();
        return stats;
      },
      deadline);
}

Task<Result<RebuildReport>> SqliteStore::rebuild_views(StreamFold fold, bool compare_only,
                                                       std::function<void(std::int64_t)> progress, Deadline deadline) {
  if (rebuilding_.exchange(true)) co_return fail(Errc::already_exists, "The views are being rebuilt already.");
  auto report = co_await sqlite::rebuild_views(database_, *appender_, std::move(fold), compare_only,
                                               std::move(progress), deadline);
  rebuilding_ = false;
  co_return report;
}

}  // namespace edda::sqlite
