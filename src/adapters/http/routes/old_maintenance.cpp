#include <fmt/format.h>

#include "http/routes/old_ids.hpp"
#include "http/routes/old_render.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "orders/order_service.hpp"
#include "queries/row_reader.hpp"

namespace edda::http::old {
namespace {

struct PendingOrder {
  Stored<OrderRow> order;  ///< without what was bought: a thousand of these are in memory at once
  std::optional<SagaRecord> saga;
  std::optional<PaymentRecord> payment;
};
struct PendingOrders {
  std::vector<PendingOrder> orders;
  std::int64_t total = 0;
};

// Where any signed-in user may come here (not in production), a customer still meets only own orders.
Task<Result<PendingOrders>> pending_orders(Api& api, const Request& request, Deadline deadline) {
  OrderFilter filter;
  filter.user = visibility_of(request).only;
  filter.statuses = {OrderStatus::pending};
  auto orders = queries::read_orders(api.views, std::move(filter), capped_window(), deadline);
  OldIds ids(api.store, deadline);
  PendingOrders pending;
  CO_TRY(pending.total, co_await orders.total());
  while (true) {
    CO_TRY(const auto order, co_await orders.next());
    if (!order) co_return pending;
    CO_TRY(auto saga, co_await api.views.find_saga(order->row.saga, deadline));
    CO_TRY(auto payment, co_await api.views.find_payment(order->row.payment, deadline));
    if (saga) CO_TRY_VOID(co_await ids.show(*saga));
    CO_TRY_VOID(co_await ids.show(payment));
    pending.orders.push_back({*order, std::move(saga), std::move(payment)});
  }
}

void write_saga_of(JsonWriter& json, const std::optional<SagaRecord>& saga) {
  json.key("saga");
  if (!saga) {
    json.null();
    return;
  }
  json.begin_object().field("id", saga->row.id);
  write_saga_progress(json, saga->row, false);
  json.end_object();
}

Task<Result<Response>> list_pending(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  CO_TRY(const PendingOrders pending, co_await pending_orders(api, request, deadline));
  JsonWriter json;
  json.begin_object().field("count", pending.total).key("orders").begin_array();
  for (const PendingOrder& found : pending.orders) {
    json.begin_object().key("order").begin_object();
    json.field("id", found.order.row.id).field("status", status_name(found.order.row.status));
    write_amount(json, "totalAmount", found.order.row.total);
    json.field("createdAt", found.order.created_at).end_object();
    write_saga_of(json, found.saga);
    write_payment_outcome(json, found.payment);
    json.end_object();
  }
  json.end_array().end_object();
  co_return json_text(200, json.take());
}

struct Cleanup {
  std::string cancel_reason;
  std::string_view answer;
};

// Normally nothing: an order whose payment fails is cancelled in the same turn.
std::optional<Cleanup> cleanup_of(const PendingOrder& found) {
  if (!found.payment) return Cleanup{"Cleanup: No payment record found", "No payment record"};
  if (found.payment->row.status != PaymentStatus::failed) return std::nullopt;
  return Cleanup{"Cleanup: Payment failed - " + found.payment->row.failure_reason, "Payment failed"};
}

Task<Result<Response>> clean_up(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  CO_TRY(const PendingOrders pending, co_await pending_orders(api, request, deadline));
  std::size_t processed = 0;
  JsonWriter results;
  results.begin_array();
  for (const PendingOrder& found : pending.orders) {
    const auto cleanup = cleanup_of(found);
    if (!cleanup) continue;
    const auto cancelled =
        co_await api.orders.cancel(found.order.row.id, cleanup->cancel_reason, std::nullopt, std::nullopt, deadline);
    ++processed;
    results.begin_object().field("orderId", found.order.row.id).field("action", cancelled ? "cancelled" : "error");
    results.field("reason", cancelled ? cleanup->answer : std::string_view(cancelled.error().message)).end_object();
  }
  results.end_array();
  JsonWriter json;
  json.begin_object().field("message", "Pending orders cleanup completed").field("processed", processed);
  json.key("results").raw(results.text()).end_object();
  co_return json_text(201, json.take());
}

template <class Status>
std::int64_t count_of(const std::map<Status, std::int64_t>& counts, std::initializer_list<Status> statuses) {
  std::int64_t sum = 0;
  for (const Status status : statuses) {
    if (const auto found = counts.find(status); found != counts.end()) sum += found->second;
  }
  return sum;
}

template <class Status>
std::int64_t sum_of(const std::map<Status, std::int64_t>& counts) {
  std::int64_t sum = 0;
  for (const auto& [status, count] : counts) sum += count;
  return sum;
}

// A pending order whose saga has ended would wait for ever.
bool has_orphans(const Totals& totals) {
  using enum SagaStatus;
  return count_of(totals.orders, {OrderStatus::pending}) >
         count_of(totals.sagas, {started, compensating, parked, paused});
}

Task<Result<Response>> saga_health(Api& api, Request&) {
  CO_TRY(const Totals totals, co_await api.views.totals(api.deadline()));
  SagaFilter stuck;
  stuck.statuses = {SagaStatus::started, SagaStatus::compensating};
  stuck.created_before = api.clock.now() - stuck_after;
  CO_TRY(const auto stuck_sagas, co_await api.views.list_sagas(std::move(stuck), count_window(), api.deadline()));
  using enum SagaStatus;
  JsonWriter json;
  json.begin_object().key("sagas").begin_object();
  json.field("total", sum_of(totals.sagas))
      .field("started", count_of(totals.sagas, {started}))
      .field("completed", count_of(totals.sagas, {completed}))
      .field("failed", count_of(totals.sagas, {parked, paused, force_closed}))
      .field("compensated", count_of(totals.sagas, {compensated}))
      .end_object();
  json.key("orders").begin_object();
  json.field("total", sum_of(totals.orders))
      .field("pending", count_of(totals.orders, {OrderStatus::pending}))
      .field("paid", count_of(totals.orders, {OrderStatus::paid}))
      .field("cancelled", count_of(totals.orders, {OrderStatus::cancelled, OrderStatus::cancelling}))
      .end_object();
  json.key("issues").begin_object();
  json.field("orphanedPendingOrders", has_orphans(totals)).field("stuckSagas", stuck_sagas.total).end_object();
  json.end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_maintenance_routes(Router& router, Api& api) {
  const Access access = staff_in_production(api.settings.mode);
  add(router, api, Method::get, "/saga/maintenance/pending-orders", "listPendingOrders", access, &list_pending);
  add(router, api, Method::post, "/saga/maintenance/cleanup-pending", "cleanUpPendingOrders", access, &clean_up);
  add(router, api, Method::get, "/saga/maintenance/saga-health", "sagaHealth", access, &saga_health);
}

}  // namespace edda::http::old
