#pragma once

#include <array>

#include "sqlite/connection.hpp"
#include "sqlite/statement.hpp"

namespace edda::sqlite {

/// The statements of the append path, prepared once on the writer's connection. Parameters stand beside each in the
/// source.
struct WriteStatements {
  static Result<WriteStatements> prepare(Connection& connection);

  Statement stream_state;  ///< stream -> version, created_at
  Statement stored_turn;   ///< stream, version -> turn, at, place
  Statement find_key;      ///< key -> stream, version, fingerprint

  Statement insert_event;
  Statement insert_key;
  Statement update_shard;
  Statement add_total;

  Statement order_status;  ///< created_at, id -> status
  Statement insert_order;
  Statement update_order;
  Statement payment_status;
  Statement insert_payment;
  Statement update_payment;
  Statement saga_status;
  Statement insert_saga;
  Statement update_saga;
  Statement put_product;

  /// Puts several saga rows at once, whether they stand already or not. SQLite evaluates the partial index's list of
  /// statuses by a temporary tree that each statement makes anew and then only empties between rows: making it is half
  /// of what a saga's row costs.
  static constexpr std::array<int, 3> put_sagas_rows{32, 8, 2};  // most first
  std::array<Statement, put_sagas_rows.size()> put_sagas;
  /// As insert_event, several at once: opening and closing a statement costs a third of a row.
  static constexpr std::array<int, 3> insert_events_rows{32, 8, 2};  // most first
  std::array<Statement, insert_events_rows.size()> insert_events;
};

}  // namespace edda::sqlite
