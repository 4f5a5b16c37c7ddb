#include "postgres/view_queries.hpp"

#include <fmt/format.h>

#include "postgres/view_rows.hpp"

namespace edda::postgres {
namespace {

template <class Record, class IdType>
Task<Result<std::optional<Record>>> find_row(Connection& connection, const std::string& sql, IdType id,
                                             Result<Record> (*read)(const Row&), Deadline deadline) {
  CO_TRY(const Rows rows, co_await connection.read(sql, params(id), deadline));
  if (rows.empty()) co_return std::nullopt;
  CO_TRY(Record record, read(rows.front()));
  co_return record;
}

// A name that this Edda does not know is counted by none of its keys.
template <class Status>
void count(std::map<Status, std::int64_t>& counts, std::optional<Status> status, std::int64_t n) {
  if (status && n != 0) counts[*status] = n;
}

}  // namespace

Task<Result<std::optional<OrderRecord>>> find_order(Connection& connection, OrderId id, Deadline deadline) {
  static const std::string sql =
      fmt::format("SELECT {}, {} FROM order_view v {} WHERE v.id = $1", order_columns, order_details, order_join);
  return find_row(connection, sql, id, order_record, deadline);
}

Task<Result<std::optional<PaymentRecord>>> find_payment(Connection& connection, PaymentId id, Deadline deadline) {
  static const std::string sql = fmt::format("SELECT {} FROM payment_view v WHERE v.id = $1", payment_columns);
  return find_row(connection, sql, id, payment_row, deadline);
}

Task<Result<std::optional<SagaRecord>>> find_saga(Connection& connection, SagaId id, Deadline deadline) {
  static const std::string sql = fmt::format("SELECT {} FROM saga_view v WHERE v.id = $1", saga_columns);
  return find_row(connection, sql, id, saga_row, deadline);
}

Task<Result<std::optional<ProductRecord>>> find_product(Connection& connection, ProductId id, Deadline deadline) {
  static const std::string sql = fmt::format("SELECT {} FROM product_view v WHERE v.id = $1", product_columns);
  return find_row(connection, sql, id, product_row, deadline);
}

Task<Result<Totals>> totals(Connection& connection, Deadline deadline) {
  CO_TRY(const Rows rows,
         co_await connection.read("SELECT kind, name, sum(n)::bigint FROM totals GROUP BY kind, name", {}, deadline));
  Totals all;
  for (const Row& row : rows) {
    const std::string_view kind = row.text_view(0);
    const std::string name = row.text(1);
    const std::int64_t n = row.integer(2);
    if (kind == "order") count(all.orders, parse_order_status(name), n);
    if (kind == "payment") count(all.payments, parse_payment_status(name), n);
    if (kind == "saga") count(all.sagas, parse_saga_status(name), n);
    if (kind == "event") all.events[name] = n;
  }
  co_return all;
}

}  // namespace edda::postgres
