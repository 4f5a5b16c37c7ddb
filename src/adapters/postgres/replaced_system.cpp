#include "postgres/replaced_system.hpp"

#include <fmt/format.h>

#include "base/json_reader.hpp"

namespace edda::postgres {
namespace {

namespace json = boost::json;

// A shard's time never runs backwards: one order of tomorrow would hold it there.
constexpr const char* future_sql = R"sql(
SELECT coalesce(max(greatest("createdAt", "updatedAt"))::timestamptz > now() + interval '5 minutes', false) FROM public.orders)sql";

// Where Edda stands in its place there are views (replaced_views.hpp), which would give back what it holds itself.
constexpr const char* is_view_sql = "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('public.orders') AND relkind = 'v')";

constexpr const char* users_sql =
    "SELECT id, email, password, \"firstName\", \"lastName\", role::text, status::text, \"emailVerified\","
    " \"createdAt\"::timestamptz, \"updatedAt\"::timestamptz FROM public.users"
    " WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2";

// One sort of everything, on the server's disk where it is large: payments and sagas have no index on their order.
constexpr const char* begin_moments_sql = R"sql(
DECLARE moments NO SCROLL CURSOR FOR
WITH orders AS (
  SELECT *, greatest("updatedAt", "createdAt") AS ended FROM public.orders),
payments AS (
  SELECT lower("orderId") AS order_id,
         jsonb_agg(jsonb_build_object('id', id, 'amount', amount::text, 'status', status, 'reference', coalesce("externalTransactionId", ''),
                                      'failure', coalesce("failureReason", '')) ORDER BY "createdAt", id)::text AS list
  FROM public.payments GROUP BY 1),
sagas AS (
  SELECT lower(data ->> 'orderId') AS order_id,
         jsonb_agg(jsonb_build_object('id', id, 'type', "sagaType", 'status', status, 'step', coalesce("currentStep", ''),
                                      'error', coalesce("errorMessage", '')) ORDER BY "createdAt", id)::text AS list
  FROM public.saga_instances GROUP BY 1),
reasons AS (
  SELECT DISTINCT ON (lower("aggregateId")) lower("aggregateId") AS order_id, "eventData" ->> 'reason' AS reason
  FROM public.event_store WHERE "eventType" = 'OrderCancelled' ORDER BY lower("aggregateId"), "occurredAt")
SELECT moment.is_end, o.id, o."userId", o."totalAmount"::text, o.status::text, coalesce(o.items::text, '[]'),
       coalesce(o."shippingAddress", ''), coalesce(o."idempotencyKey", ''), coalesce(reasons.reason, ''),
       o."createdAt"::timestamptz, o.ended::timestamptz, coalesce(payments.list, '[]'), coalesce(sagas.list, '[]')
FROM orders o
CROSS JOIN (VALUES (false), (true)) AS moment(is_end)
LEFT JOIN payments ON payments.order_id = o.id::text
LEFT JOIN sagas ON sagas.order_id = o.id::text
LEFT JOIN reasons ON reasons.order_id = o.id::text
ORDER BY CASE WHEN moment.is_end THEN o.ended ELSE o."createdAt" END, o.id, moment.is_end)sql";

constexpr const char* strays_sql = R"sql(
SELECT 'payments', p.id::text, p.status::text, p.amount::text, 'there is no order ' || p."orderId"
FROM public.payments p WHERE NOT EXISTS (SELECT FROM public.orders o WHERE o.id::text = lower(p."orderId"))
UNION ALL
SELECT 'saga_instances', s.id::text, s.status::text, '', 'there is no order ' || coalesce(s.data ->> 'orderId', '')
FROM public.saga_instances s WHERE NOT EXISTS (SELECT FROM public.orders o WHERE o.id::text = lower(s.data ->> 'orderId'))
ORDER BY 1, 2)sql";

constexpr const char* sums_sql = R"sql(
SELECT 'orders', status::text, count(*), sum("totalAmount")::text FROM public.orders GROUP BY status
UNION ALL SELECT 'payments', status::text, count(*), sum(amount)::text FROM public.payments GROUP BY status
UNION ALL SELECT 'saga_instances', status::text, count(*), '0' FROM public.saga_instances GROUP BY status
UNION ALL SELECT 'users', status::text, count(*), '0' FROM public.users GROUP BY status)sql";

/// The objects of a list that one of the queries above made.
template <class Record, class Read>
Result<std::vector<Record>> list_of(std::string_view text, Read read) {
  boost::system::error_code wrong;
  const json::value list = json::parse(text, wrong);
  if (wrong || !list.is_array()) return fail(Errc::corrupt, "The database answers with something that is no list.");
  std::vector<Record> records;
  for (const json::value& value : list.get_array()) {
    if (!value.is_object()) return fail(Errc::corrupt, "The database answers with something that is no record.");
    JsonReader reader(value.get_object());
    records.push_back(read(reader));
    if (reader.error()) return std::unexpected(*reader.error());
  }
  return records;
}

replaced::PaymentRecord payment_of(JsonReader& json) {
  return {json.id<PaymentId>("id").value, json.string("amount"), json.string("status"), json.string("reference"), json.string("failure")};
}

replaced::SagaRecord saga_of(JsonReader& json) {
  return {json.id<SagaId>("id").value, json.string("type"), json.string("status"), json.string("step"), json.string("error")};
}

Result<replaced::OrderRecord> order_of(const Row& row) {
  replaced::OrderRecord order{.id = row.id<OrderId>(1), .user = row.id<UserId>(2), .total = row.text(3), .status = row.text(4),
                              .items = row.text(5), .shipping_address = row.text(6), .idempotency_key = row.text(7),
                              .cancel_reason = row.text(8), .created_at = row.timestamp(9), .updated_at = row.timestamp(10),
                              .payments = {}, .sagas = {}};
  TRY(order.payments, list_of<replaced::PaymentRecord>(row.text_view(11), payment_of));
  TRY(order.sagas, list_of<replaced::SagaRecord>(row.text_view(12), saga_of));
  return order;
}

}  // namespace

Task<Result<std::unique_ptr<PostgresReplacedSystem>>> PostgresReplacedSystem::open(ConnectOptions options, std::string time_zone,
                                                                                   Deadline deadline) {
  using std::chrono::milliseconds;
  options.statement_timeout = milliseconds(0);
  options.idle_in_transaction_timeout = milliseconds(0);
  CO_TRY(auto connection, co_await Connection::open(std::move(options), deadline));
  const auto zoned = co_await connection->read("SELECT set_config('TimeZone', $1, false)", params(time_zone), deadline);
  if (!zoned && connection->usable()) co_return fail(Errc::invalid_argument, "The server does not know this time zone.", "--timezone");
  if (!zoned) co_return std::unexpected(zoned.error());
  // A database restored from a dump has no statistics yet, and the server would take its tables for small.
  CO_TRY_VOID(co_await connection->execute("SET enable_nestloop = off", Effect::read, deadline));
  CO_TRY_VOID(co_await connection->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", Effect::read, deadline));
  std::unique_ptr<PostgresReplacedSystem> system(new PostgresReplacedSystem(std::move(connection)));
  CO_TRY(const Rows view, co_await system->read(is_view_sql, {}, deadline));
  if (view.front().boolean(0)) co_return fail(Errc::invalid_argument, "Its table public.orders is a view that Edda made.", "--from", "replaced_system");
  CO_TRY(const Rows future, co_await system->read(future_sql, {}, deadline));
  if (future.front().boolean(0)) co_return fail(Errc::invalid_argument, "In this time zone there are orders of the future.", "--timezone");
  co_return system;
}

Task<Result<Rows>> PostgresReplacedSystem::read(std::string_view sql, const Params& with, Deadline deadline) {
  auto rows = co_await connection_->read(sql, with, deadline);
  if (!rows && rows.error().code == Errc::internal) {
    co_return fail(Errc::invalid_argument, "The database has not the tables of the replaced system in its schema public.", "--from",
                   "replaced_system");
  }
  co_return rows;
}

Task<Result<std::vector<replaced::UserRecord>>> PostgresReplacedSystem::read_users(std::optional<UserId> after, std::size_t limit,
                                                                                   Deadline deadline) {
  CO_TRY(const Rows rows, co_await read(users_sql, params(after, limit), deadline));
  std::vector<replaced::UserRecord> users;
  for (const Row row : rows) {
    users.push_back({row.id<UserId>(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6), row.boolean(7),
                     row.timestamp(8), row.timestamp(9)});
  }
  co_return users;
}

Task<Result<std::vector<replaced::System::Moment>>> PostgresReplacedSystem::next_moments(std::size_t limit, Deadline deadline) {
  if (!began_) CO_TRY_VOID(co_await read(begin_moments_sql, {}, deadline));
  began_ = true;
  const std::string fetch = fmt::format("FETCH FORWARD {} FROM moments", limit);
  CO_TRY(const Rows rows, co_await read(fetch, {}, deadline));
  std::vector<Moment> moments;
  for (const Row row : rows) {
    CO_TRY(auto order, order_of(row));
    moments.push_back({row.boolean(0), std::move(order)});
  }
  co_return moments;
}

Task<Result<std::vector<replaced::Stray>>> PostgresReplacedSystem::read_strays(Deadline deadline) {
  CO_TRY(const Rows rows, co_await read(strays_sql, {}, deadline));
  std::vector<replaced::Stray> strays;
  for (const Row row : rows) strays.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
  co_return strays;
}

Task<Result<std::vector<replaced::Sum>>> PostgresReplacedSystem::read_sums(Deadline deadline) {
  CO_TRY(const Rows rows, co_await read(sums_sql, {}, deadline));
  std::vector<replaced::Sum> sums;
  for (const Row row : rows) sums.push_back({row.text(0), row.text(1), row.integer(2), row.text(3)});
  co_return sums;
}

}  // namespace edda::postgres
