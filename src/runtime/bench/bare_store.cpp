#include "bench/bare_store.hpp"

#include "sqlite/database.hpp"
#include "sqlite/migrations.hpp"
#include "sqlite/row_writer.hpp"

namespace edda::bench {

Result<std::unique_ptr<BareStore>> BareStore::open(const std::filesystem::path& folder) {
  const sqlite::DatabaseOptions served;  // what the server uses unless told otherwise
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  TRY(auto connection, sqlite::Connection::open(folder / "bare.sqlite3", {.access = sqlite::Access::read_write,
                                                                         .cache_kib = served.writer_cache_kib}));
  TRY_VOID(sqlite::migrate(connection));
  TRY_VOID(connection.execute("INSERT INTO shards(shard, last_pos, last_at, owner, epoch) VALUES (0, 0, 0, '', 1)"));
  TRY(auto statements, sqlite::WriteStatements::prepare(connection));
  return std::unique_ptr<BareStore>(new BareStore(std::move(connection), std::move(statements)));
}

Result<void> BareStore::write_turn(const MadeTurn& made) {
  const Turn& turn = made.turn;
  for (const auto& event : turn.events) {
    TRY_VOID(statements_.insert_event.run(++place_, event.stream, event.version, event.type, turn.proposed_at, turn.node,
                                          turn.id, turn.correlation, turn.causation, event.data));
  }
  if (const auto& key = turn.command) {
    TRY_VOID(statements_.insert_key.run(key->key, key->stream, key->version, static_cast<std::int64_t>(key->fingerprint)));
  }
  sqlite::RowWriter rows(statements_);
  const auto write_rows = [&](const auto& all) -> Result<void> {
    for (const auto& row : all)
      TRY_VOID(made.placing ? rows.insert(row, made.created_at, turn.proposed_at)
                            : rows.update(row, made.created_at, turn.proposed_at));
    return {};
  };
  TRY_VOID(write_rows(turn.orders));
  TRY_VOID(write_rows(turn.payments));
  return write_rows(turn.sagas);
}

Result<void> BareStore::write(const MadeBatch& batch) {
  TRY(auto transaction, sqlite::Transaction::begin(connection_));
  for (const auto& made : batch.turns) TRY_VOID(write_turn(made));
  for (const auto& [kind, name, delta] : batch.totals) TRY_VOID(statements_.add_total.run(kind, name, delta));
  TRY_VOID(statements_.update_shard.run(ShardId{0}, Position{place_}, batch.turns.back().turn.proposed_at));
  TRY_VOID(transaction.commit());
  if (connection_.wal_pages() < sqlite::DatabaseOptions{}.checkpoint_pages) return {};
  return connection_.checkpoint(sqlite::CheckpointMode::passive);
}

}  // namespace edda::bench
