#include "sqlite/write_statements.hpp"

#include <fmt/format.h>

namespace edda::sqlite {
namespace {

Result<void> prepare_log(Connection& connection, WriteStatements& all) {
  TRY(all.stream_state, connection.prepare("SELECT (SELECT max(version) FROM events WHERE stream = ?1),"
                                           " (SELECT at FROM events WHERE stream = ?1 AND version = 1)"));
  TRY(all.stored_turn, connection.prepare("SELECT turn, at, place FROM events WHERE stream = ? AND version = ?"));
  TRY(all.find_key, connection.prepare("SELECT stream, version, fingerprint FROM keys WHERE key = ?"));
  TRY(all.insert_event,
      connection.prepare(
          "INSERT INTO events(place, stream, version, type, at, node, turn, correlation, causation, data)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(all.insert_key, connection.prepare("INSERT INTO keys(key, stream, version, fingerprint) VALUES (?, ?, ?, ?)"));
  TRY(all.update_shard, connection.prepare("UPDATE shards SET last_pos = ?2, last_at = ?3 WHERE shard = ?1"));
  TRY(all.add_total, connection.prepare("INSERT INTO totals(kind, name, n) VALUES (?1, ?2, ?3)"
                                        " ON CONFLICT(kind, name) DO UPDATE SET n = n + ?3"));
  return {};
}

// What never changes in a row (its owner, its order) is not in the UPDATE: naming an indexed column would rewrite its
// index entry.
Result<void> prepare_views(Connection& connection, WriteStatements& all) {
  TRY(all.order_status, connection.prepare("SELECT status FROM order_view WHERE created_at = ? AND id = ?"));
  TRY(all.insert_order,
      connection.prepare("INSERT INTO order_view(created_at, id, updated_at, status, total_minor, currency, version,"
                         " user, payment, saga) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(all.update_order,
      connection.prepare(
          "UPDATE order_view SET updated_at = ?3, status = ?4, total_minor = ?5, currency = ?6, version = ?7"
          " WHERE created_at = ?1 AND id = ?2"));
  TRY(all.payment_status, connection.prepare("SELECT status FROM payment_view WHERE created_at = ? AND id = ?"));
  TRY(all.insert_payment,
      connection.prepare("INSERT INTO payment_view(created_at, id, updated_at, status, amount_minor, currency,"
                         " refunded_minor, external_transaction_id, failure_reason, version, order_id, user)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(all.update_payment,
      connection.prepare("UPDATE payment_view SET updated_at = ?3, status = ?4, amount_minor = ?5, currency = ?6,"
                         " refunded_minor = ?7, external_transaction_id = ?8, failure_reason = ?9, version = ?10"
                         " WHERE created_at = ?1 AND id = ?2"));
  TRY(all.saga_status, connection.prepare("SELECT status FROM saga_view WHERE created_at = ? AND id = ?"));
  TRY(all.insert_saga,
      connection.prepare("INSERT INTO saga_view(created_at, id, updated_at, status, definition, definition_version,"
                         " current_step, completed_steps, compensation_steps, error, version, order_id, user)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(all.update_saga,
      connection.prepare("UPDATE saga_view SET updated_at = ?3, status = ?4, definition = ?5, definition_version = ?6,"
                         " current_step = ?7, completed_steps = ?8, compensation_steps = ?9, error = ?10, version = ?11"
                         " WHERE created_at = ?1 AND id = ?2"));
  return {};
}

/// "(?, ?), (?, ?)" for two rows of two.
std::string placeholders(int rows, int columns) {
  std::string row = "(?";
  for (int column = 1; column < columns; ++column) row += ", ?";
  row += ')';
  std::string all = row;
  for (int more = 1; more < rows; ++more) all += ", " + row;
  return all;
}

// OR ROLLBACK, because ABORT would keep a copy of every page it touches for as long as the statement runs. The writer
// rolls back in any case.
Result<void> prepare_many(Connection& connection, WriteStatements& all) {
  for (std::size_t size = 0; size < all.insert_events.size(); ++size) {
    TRY(all.insert_events[size],
        connection.prepare(fmt::format("INSERT OR ROLLBACK INTO events(place, stream, version, type, at, node, turn,"
                                       " correlation, causation, data) VALUES {}",
                                       placeholders(WriteStatements::insert_events_rows[size], 10))));
  }
  for (std::size_t size = 0; size < all.put_sagas.size(); ++size) {
    TRY(all.put_sagas[size],
        connection.prepare(fmt::format(
            "INSERT OR ROLLBACK INTO saga_view(created_at, id, updated_at, status, definition, definition_version,"
            " current_step, completed_steps, compensation_steps, error, version, order_id, user) VALUES {}"
            " ON CONFLICT(created_at, id) DO UPDATE SET updated_at = excluded.updated_at, status = excluded.status,"
            " definition = excluded.definition, definition_version = excluded.definition_version,"
            " current_step = excluded.current_step, completed_steps = excluded.completed_steps,"
            " compensation_steps = excluded.compensation_steps, error = excluded.error, version = excluded.version",
            placeholders(WriteStatements::put_sagas_rows[size], 13))));
  }
  return {};
}

Result<void> prepare_products(Connection& connection, WriteStatements& all) {
  TRY(all.put_product,
      connection.prepare("INSERT INTO product_view(created_at, id, updated_at, product, name, merchant, tracked,"
                         " available, held, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                         " ON CONFLICT(created_at, id) DO UPDATE SET updated_at = ?3, name = ?5, tracked = ?7,"
                         " available = ?8, held = ?9, version = ?10"));
  return {};
}

}  // namespace

Result<WriteStatements> WriteStatements::prepare(Connection& connection) {
  WriteStatements all;
  TRY_VOID(prepare_log(connection, all));
  TRY_VOID(prepare_views(connection, all));
  TRY_VOID(prepare_many(connection, all));
  TRY_VOID(prepare_products(connection, all));
  return all;
}

}  // namespace edda::sqlite
