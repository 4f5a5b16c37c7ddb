#include "postgres/stream_rows.hpp"

#include <fmt/format.h>

#include <array>

#include "postgres/view_rows.hpp"
#include "views/steps_text.hpp"

namespace edda::postgres {
namespace {

template <class ViewRow>
std::optional<Stored<ViewRow>> stamped(const std::vector<ViewRow>& rows, Timestamp first, Timestamp last) {
  return rows.empty() ? std::nullopt : std::optional(Stored<ViewRow>{rows.front(), first, last});
}

template <class ViewRow>
Task<Result<void>> collect(Connection& connection, std::string_view columns, std::string_view kind,
                           const std::vector<Uuid>& streams, Result<Stored<ViewRow>> (*read)(const Row&),
                           std::optional<Stored<ViewRow>> ViewRows::*member, std::map<Uuid, ViewRows>& found,
                           Deadline deadline) {
  Params all;
  all.add_uuids(streams);
  CO_TRY(const Rows rows,
         co_await connection.read(fmt::format("SELECT {} FROM {}_view v WHERE v.id = ANY($1)", columns, kind), all,
                                  deadline));
  for (const Row& row : rows) {
    CO_TRY(Stored<ViewRow> stored, read(row));
    const Uuid id = stored.row.id.value;
    found[id].*member = std::move(stored);
  }
  co_return Result<void>();
}

/// What changes rows of one shard, in a transaction that holds its row.
class Writer {
 public:
  Writer(Connection& connection, ShardId shard, Deadline deadline)
      : connection_(connection), shard_(shard), deadline_(deadline) {}

  Task<Result<void>> erase(std::string_view kind, StreamId stream) {
    CO_TRY(const Rows erased,
           co_await connection_.read(fmt::format("DELETE FROM {}_view WHERE id = $1 RETURNING status", kind),
                                     params(stream), deadline_));
    if (erased.empty()) co_return Result<void>();
    co_return co_await count(kind, erased.front().text_view(0), -1);
  }

  Task<Result<void>> erase_product(StreamId stream) {
    return run("DELETE FROM product_view WHERE id = $1", params(stream));
  }

  Task<Result<void>> insert(const Stored<OrderRow>& stored) {
    const OrderRow& row = stored.row;
    CO_TRY_VOID(co_await run("INSERT INTO order_view(id, created_at, updated_at, version, user_id, status, total_minor,"
                             " currency, payment_id, saga_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                             params(row.id, stored.created_at, stored.updated_at, row.version, row.user,
                                    to_string(row.status), row.total.minor, row.total.currency.view(), row.payment,
                                    row.saga)));
    co_return co_await count("order", to_string(row.status), 1);
  }

  Task<Result<void>> insert(const Stored<PaymentRow>& stored) {
    const PaymentRow& row = stored.row;
    CO_TRY_VOID(co_await run("INSERT INTO payment_view(id, created_at, updated_at, version, order_id, user_id, status,"
                             " amount_minor, currency, refunded_minor, external_transaction_id, failure_reason)"
                             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                             params(row.id, stored.created_at, stored.updated_at, row.version, row.order, row.user,
                                    to_string(row.status), row.amount.minor, row.amount.currency.view(),
                                    row.refunded_minor, row.external_transaction_id, row.failure_reason)));
    co_return co_await count("payment", to_string(row.status), 1);
  }

  Task<Result<void>> insert(const Stored<SagaRow>& stored) {
    const SagaRow& row = stored.row;
    CO_TRY_VOID(co_await run("INSERT INTO saga_view(id, created_at, updated_at, version, order_id, user_id, definition,"
                             " definition_version, status, current_step, completed_steps, compensation_steps, error,"
                             " shard) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                             params(row.id, stored.created_at, stored.updated_at, row.version, row.order, row.user,
                                    row.definition, row.definition_version, to_string(row.status), row.current_step,
                                    steps_to_text(row.completed_steps), steps_to_text(row.compensation_steps),
                                    row.error, shard_)));
    co_return co_await count("saga", to_string(row.status), 1);
  }

  Task<Result<void>> insert(const Stored<ProductRow>& stored) {
    const ProductRow& row = stored.row;
    return run("INSERT INTO product_view(id, created_at, updated_at, version, product, name, merchant, tracked,"
               " available, held) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               params(row.id, stored.created_at, stored.updated_at, row.version, row.product, row.name, row.merchant,
                      row.tracked, row.available, row.held));
  }

 private:
  Task<Result<void>> run(std::string_view sql, Params all) {
    CO_TRY_VOID(co_await connection_.read(sql, all, deadline_));
    co_return Result<void>();
  }

  Task<Result<void>> count(std::string_view kind, std::string_view name, int change) {
    return run("INSERT INTO totals AS t (shard, kind, name, n) VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (shard, kind, name) DO UPDATE SET n = t.n + excluded.n",
               params(shard_, kind, name, change));
  }

  Connection& connection_;
  const ShardId shard_;
  const Deadline deadline_;
};

}  // namespace

Result<ViewRows> rows_of_log(const std::vector<RecordedEvent>& stream, const StreamFold& fold) {
  TRY(const StreamRows rows, fold(stream));
  const Timestamp first = stream.front().at;
  const Timestamp last = stream.back().at;
  return ViewRows{stamped(rows.orders, first, last), stamped(rows.payments, first, last),
                  stamped(rows.sagas, first, last), stamped(rows.products, first, last)};
}

Task<Result<std::map<Uuid, ViewRows>>> rows_of_views(Connection& connection, std::vector<Uuid> streams,
                                                     Deadline deadline) {
  std::map<Uuid, ViewRows> found;
  CO_TRY_VOID(co_await collect(connection, order_columns, "order", streams, order_row, &ViewRows::order, found, deadline));
  CO_TRY_VOID(co_await collect(connection, payment_columns, "payment", streams, payment_row, &ViewRows::payment, found,
                               deadline));
  CO_TRY_VOID(co_await collect(connection, saga_columns, "saga", streams, saga_row, &ViewRows::saga, found, deadline));
  CO_TRY_VOID(co_await collect(connection, product_columns, "product", streams, product_row, &ViewRows::product, found,
                               deadline));
  co_return found;
}

Task<Result<void>> replace_rows(Connection& connection, ShardId shard, StreamId stream, const ViewRows& rows,
                                Deadline deadline) {
  Writer writer(connection, shard, deadline);
  for (const std::string_view kind : std::array<std::string_view, 3>{"order", "payment", "saga"}) {
    CO_TRY_VOID(co_await writer.erase(kind, stream));
  }
  CO_TRY_VOID(co_await writer.erase_product(stream));
  if (rows.order) CO_TRY_VOID(co_await writer.insert(*rows.order));
  if (rows.payment) CO_TRY_VOID(co_await writer.insert(*rows.payment));
  if (rows.saga) CO_TRY_VOID(co_await writer.insert(*rows.saga));
  if (rows.product) CO_TRY_VOID(co_await writer.insert(*rows.product));
  co_return Result<void>();
}

}  // namespace edda::postgres
