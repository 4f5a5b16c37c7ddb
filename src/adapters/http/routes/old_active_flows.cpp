#include <algorithm>
#include <chrono>

#include "http/routes/old_ids.hpp"
#include "http/routes/old_render.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "queries/trace.hpp"

namespace edda::http::old {
namespace {

constexpr std::size_t recent_events = 3;

struct Flow {
  SagaRecord saga;
  std::optional<OrderRecord> order;
  std::optional<PaymentRecord> payment;
  std::vector<RecordedEvent> recent;  ///< newest first
};

Task<Result<Flow>> flow_of(Api& api, SagaRecord saga, Deadline deadline) {
  Flow flow;
  CO_TRY(flow.order, co_await api.views.find_order(saga.row.order, deadline));
  if (flow.order) {
    CO_TRY(flow.payment, co_await api.views.find_payment(flow.order->row.payment, deadline));
    queries::Trace trace(api.views, api.store, api.orders);
    CO_TRY(flow.recent, co_await trace.last_events(*flow.order, flow.payment, saga, recent_events, deadline));
  }
  OldIds ids(api.store, deadline);
  CO_TRY_VOID(co_await ids.show(saga));
  CO_TRY_VOID(co_await ids.show(flow.payment));
  flow.saga = std::move(saga);
  co_return flow;
}

void write_flow_order(JsonWriter& json, const std::optional<OrderRecord>& order) {
  json.key("order");
  if (!order) {
    json.null();
    return;
  }
  json.begin_object().field("id", order->row.id).field("status", status_name(order->row.status));
  write_amount(json, "totalAmount", order->row.total);
  json.end_object();
}

void write_flow(JsonWriter& json, const Flow& flow, Timestamp now) {
  const auto age = now - flow.saga.created_at;
  json.begin_object().field("correlationId", flow.saga.row.order).key("saga").begin_object();
  json.field("id", flow.saga.row.id);
  write_saga_progress(json, flow.saga.row, false);
  const auto age_ms = std::chrono::duration_cast<milliseconds>(age).count();
  json.field("duration", std::max<std::int64_t>(0, age_ms)).end_object();
  write_flow_order(json, flow.order);
  write_payment_outcome(json, flow.payment);
  json.key("recentEvents").begin_array();
  for (const RecordedEvent& event : flow.recent) {
    json.begin_object().field("eventType", event.type).field("timestamp", event.at).end_object();
  }
  json.end_array().field("isStuck", age > stuck_after).end_object();
}

Task<Result<Response>> active_flows(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  SagaFilter filter;
  filter.user = visibility_of(request).only;
  filter.statuses = {SagaStatus::started, SagaStatus::compensating};
  CO_TRY(auto sagas, co_await api.views.list_sagas(filter, capped_window(), deadline));
  const Timestamp now = api.clock.now();
  filter.created_before = now - stuck_after;
  CO_TRY(const auto stuck, co_await api.views.list_sagas(std::move(filter), count_window(), deadline));
  JsonWriter json;
  json.begin_object()
      .field("totalActiveFlows", sagas.total)
      .field("stuckFlows", stuck.total)
      .key("flows")
      .begin_array();
  for (SagaRecord& saga : sagas.items) {
    CO_TRY(const Flow flow, co_await flow_of(api, std::move(saga), deadline));
    write_flow(json, flow, now);
  }
  json.end_array().end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_active_flow_routes(Router& router, Api& api) {
  add(router, api, Method::get, "/trace/active-flows", "activeFlows", Access::signed_in(), &active_flows);
}

}  // namespace edda::http::old
