#include "sqlite/view_queries.hpp"

#include <fmt/format.h>

#include "sqlite/view_rows.hpp"

namespace edda::sqlite {
namespace {

// A row stands under the time of its stream's first event.
constexpr std::string_view under_first_event =
    "v.created_at = (SELECT at FROM events WHERE stream = ?1 AND version = 1) AND v.id = ?1";

template <class Record, class IdType>
Result<std::optional<Record>> find_row(Connection& connection, const std::string& sql, IdType id,
                                       Result<Record> (*read)(const Row&)) {
  TRY(Statement * query, connection.statement(sql));
  Rows rows = query->query(id);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  TRY(Record record, read(rows));
  return record;
}

// A name that this Edda does not know is counted by none of its keys.
template <class Status>
void count(std::map<Status, std::int64_t>& counts, std::optional<Status> status, std::int64_t n) {
  if (status && n != 0) counts[*status] = n;
}

}  // namespace

Result<std::optional<OrderRecord>> find_order(Connection& connection, OrderId id) {
  static const std::string sql =
      fmt::format("SELECT {}, {} FROM order_view v JOIN events e ON e.stream = v.id AND e.version = 1 WHERE {}",
                  order_columns, order_details, under_first_event);
  return find_row(connection, sql, id, order_record);
}

Result<std::optional<PaymentRecord>> find_payment(Connection& connection, PaymentId id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM payment_view v WHERE {}", payment_columns, under_first_event);
  return find_row(connection, sql, id, payment_row);
}

Result<std::optional<SagaRecord>> find_saga(Connection& connection, SagaId id) {
  static const std::string sql = fmt::format("SELECT {} FROM saga_view v WHERE {}", saga_columns, under_first_event);
  return find_row(connection, sql, id, saga_row);
}

Result<std::optional<ProductRecord>> find_product(Connection& connection, ProductId id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM product_view v WHERE {}", product_columns, under_first_event);
  return find_row(connection, sql, id, product_row);
}

Result<Totals> totals(Connection& connection) {
  Totals all;
  TRY(Statement * query, connection.statement("SELECT kind, name, n FROM totals"));
  Rows rows = query->query();
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return all;
    const std::string_view kind = rows.text_view(0);
    const std::string name = rows.text(1);
    const std::int64_t n = rows.integer(2);
    if (kind == "order") count(all.orders, parse_order_status(name), n);
    if (kind == "payment") count(all.payments, parse_payment_status(name), n);
    if (kind == "saga") count(all.sagas, parse_saga_status(name), n);
    if (kind == "event") all.events[name] = n;
  }
}

}  // namespace edda::sqlite
