#include "sqlite/stream_rows.hpp"

#include <fmt/format.h>

#include <array>

#include "sqlite/row_writer.hpp"
#include "sqlite/view_rows.hpp"

namespace edda::sqlite {
namespace {

template <class Row>
Result<std::optional<Stored<Row>>> find(Connection& connection, std::string_view columns, std::string_view view,
                                        StreamId stream, Timestamp created_at,
                                        Result<Stored<Row>> (*read)(const sqlite::Row&)) {
  TRY(Statement * query,
      connection.statement(fmt::format("SELECT {} FROM {} v WHERE v.created_at = ? AND v.id = ?", columns, view)));
  Rows rows = query->query(created_at, stream);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  TRY(Stored<Row> stored, read(rows));
  return stored;
}

template <class Row>
std::optional<Stored<Row>> stamped(const std::vector<Row>& rows, Timestamp first, Timestamp last) {
  return rows.empty() ? std::nullopt : std::optional(Stored<Row>{rows.front(), first, last});
}

Result<void> erase(Connection& connection, std::string_view kind, StreamId stream, Timestamp created_at) {
  std::string status;
  {
    TRY(Statement * remove, connection.statement(fmt::format(
                                "DELETE FROM {}_view WHERE created_at = ? AND id = ? RETURNING status", kind)));
    Rows rows = remove->query(created_at, stream);
    TRY(const bool found, rows.next());
    if (!found) return {};
    status = rows.text(0);
    TRY_VOID(rows.next());
  }
  TRY(Statement * count, connection.statement("UPDATE totals SET n = n - 1 WHERE kind = ? AND name = ?"));
  return count->run(kind, status);
}

Result<void> count_one(WriteStatements& statements, std::string_view kind, std::string_view status) {
  return statements.add_total.run(kind, status, 1);
}

}  // namespace

Result<ViewRows> rows_of_log(const std::vector<RecordedEvent>& stream, const StreamFold& fold) {
  TRY(const StreamRows rows, fold(stream));
  const Timestamp first = stream.front().at;
  const Timestamp last = stream.back().at;
  return ViewRows{stamped(rows.orders, first, last), stamped(rows.payments, first, last),
                  stamped(rows.sagas, first, last), stamped(rows.products, first, last)};
}

Result<ViewRows> rows_of_views(Connection& connection, StreamId stream, Timestamp created_at) {
  ViewRows rows;
  TRY(rows.order, find<OrderRow>(connection, order_columns, "order_view", stream, created_at, order_row));
  TRY(rows.payment, find<PaymentRow>(connection, payment_columns, "payment_view", stream, created_at, payment_row));
  TRY(rows.saga, find<SagaRow>(connection, saga_columns, "saga_view", stream, created_at, saga_row));
  TRY(rows.product, find<ProductRow>(connection, product_columns, "product_view", stream, created_at, product_row));
  return rows;
}

Result<void> replace_rows(Connection& connection, WriteStatements& statements, StreamId stream, Timestamp created_at,
                          const ViewRows& rows) {
  for (const std::string_view kind : std::array<std::string_view, 3>{"order", "payment", "saga"}) {
    TRY_VOID(erase(connection, kind, stream, created_at));
  }
  TRY(Statement * remove, connection.statement("DELETE FROM product_view WHERE created_at = ? AND id = ?"));
  TRY_VOID(remove->run(created_at, stream));
  RowWriter writer(statements);
  if (rows.order) {
    TRY_VOID(writer.insert(rows.order->row, created_at, rows.order->updated_at));
    TRY_VOID(count_one(statements, "order", to_string(rows.order->row.status)));
  }
  if (rows.payment) {
    TRY_VOID(writer.insert(rows.payment->row, created_at, rows.payment->updated_at));
    TRY_VOID(count_one(statements, "payment", to_string(rows.payment->row.status)));
  }
  if (rows.saga) {
    TRY_VOID(writer.insert(rows.saga->row, created_at, rows.saga->updated_at));
    TRY_VOID(count_one(statements, "saga", to_string(rows.saga->row.status)));
  }
  if (rows.product) TRY_VOID(writer.put(rows.product->row, created_at, rows.product->updated_at));
  return {};
}

}  // namespace edda::sqlite
