#include <algorithm>
#include <chrono>

#include "http/routes/old_events.hpp"
#include "http/routes/old_ids.hpp"
#include "http/routes/old_render.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "queries/trace.hpp"

namespace edda::http::old {
namespace {

using queries::Story;
using queries::Trace;

constexpr std::size_t events_default = 50;
constexpr std::size_t events_max = 100;

std::int64_t ms_between(Timestamp from, Timestamp to) {
  return std::chrono::duration_cast<milliseconds>(to - from).count();
}

void write_story_order(JsonWriter& json, const Story& story, bool with_user) {
  const OrderRecord& order = story.order;
  json.key("order").begin_object().field("id", order.row.id).field("status", status_name(order.row.status));
  write_amount(json, "totalAmount", order.row.total);
  write_items(json, order.items);
  // There the order learnt of its payment when it was confirmed.
  const bool paid = story.payment && !story.payment->row.external_transaction_id.empty();
  write_nullable(json, "paymentId", paid ? to_string(story.payment->row.id) : std::string());
  if (with_user) json.field("userId", order.row.user);
  json.field("createdAt", order.created_at).field("updatedAt", order.updated_at).end_object();
}

void write_story_payment(JsonWriter& json, const std::optional<PaymentRecord>& payment) {
  json.key("payment");
  if (!payment) {
    json.null();
    return;
  }
  json.begin_object().field("id", payment->row.id).field("status", status_name(payment->row.status));
  write_amount(json, "amount", payment->row.amount);
  json.field("method", "credit_card");
  write_nullable(json, "externalTransactionId", payment->row.external_transaction_id);
  write_nullable(json, "failureReason", payment->row.failure_reason);
  json.field("createdAt", payment->created_at).field("updatedAt", payment->updated_at).end_object();
}

void write_event_fields(JsonWriter& json, const RecordedEvent& event) {
  json.field("timestamp", event.at)
      .field("eventType", event.type)
      .field("aggregateType", aggregate_type(event.type))
      .field("aggregateId", event.stream);
}

std::string payment_status(const std::optional<PaymentRecord>& payment) {
  return payment ? std::string(status_name(payment->row.status)) : std::string();
}

bool is_successful(const Story& story, const SagaRecord& saga) {
  const OrderStatus order = story.order.row.status;
  return saga.row.status == SagaStatus::completed && order != OrderStatus::cancelling &&
         order != OrderStatus::cancelled;
}

Response not_found(std::string_view field, std::string_view value, std::string_view message) {
  JsonWriter json;
  json.begin_object().field(field, value).field("found", false).field("message", message).end_object();
  return json_text(200, json.take());
}

void write_correlation(JsonWriter& json, const Story& story, const SagaRecord& saga) {
  json.begin_object().field("correlationId", story.order.row.id).field("found", true);
  json.key("saga").begin_object().field("id", saga.row.id).field("type", saga.row.definition);
  write_saga_progress(json, saga.row, true);
  json.field("createdAt", saga.created_at).field("updatedAt", saga.updated_at).end_object();
  write_story_order(json, story, false);
  write_story_payment(json, story.payment);
  json.key("timeline").begin_array();
  for (const RecordedEvent& event : story.events) {
    json.begin_object();
    write_event_fields(json, event);
    json.key("data").raw(event_data(event)).end_object();
  }
  json.end_array();
  json.key("summary").begin_object().field("totalEvents", story.events.size());
  json.field("sagaStatus", status_name(saga.row.status)).field("orderStatus", status_name(story.order.row.status));
  write_nullable(json, "paymentStatus", payment_status(story.payment));
  json.field("duration", ms_between(saga.created_at, saga.updated_at))
      .field("isSuccessful", is_successful(story, saga))
      .end_object();
  json.end_object();
}

Task<Result<Response>> trace_correlation(Api& api, Request& request) {
  const std::string correlation(request.param("correlationId"));
  constexpr std::string_view none = "No saga found with this correlation ID";
  Trace trace(api.views, api.store, api.orders);
  CO_TRY(auto order, co_await trace.find_by_correlation(correlation, visibility_of(request), api.deadline()));
  if (!order) co_return not_found("correlationId", correlation, none);
  CO_TRY(Story story, co_await trace.story_of(*std::move(order), api.deadline()));
  OldIds ids(api.store, api.deadline());
  CO_TRY_VOID(co_await ids.show(story));
  const SagaRecord* saga = story.processing_saga();
  if (saga == nullptr) co_return not_found("correlationId", correlation, none);
  JsonWriter json;
  write_correlation(json, story, *saga);
  co_return json_text(200, json.take());
}

void write_order_story(JsonWriter& json, const Story& story) {
  json.begin_object().field("orderId", story.order.row.id).field("found", true);
  write_story_order(json, story, true);
  json.key("sagas").begin_array();
  for (const SagaRecord& saga : story.sagas) {
    json.begin_object().field("id", saga.row.id).field("correlationId", saga.row.order);
    write_saga_progress(json, saga.row, true);
    json.end_object();
  }
  json.end_array();
  write_story_payment(json, story.payment);
  json.key("events").begin_array();
  for (const RecordedEvent& event : story.events) {
    json.begin_object();
    write_event_fields(json, event);
    json.key("data").raw(event_data(event)).field("correlationId", event.correlation).end_object();
  }
  json.end_array();
  const SagaRecord* saga = story.processing_saga();
  json.key("summary").begin_object();
  json.field("totalEvents", story.events.size())
      .field("totalSagas", story.sagas.size())
      .field("hasPayment", story.payment.has_value())
      .key("finalStatus")
      .begin_object()
      .field("order", status_name(story.order.row.status));
  write_nullable(json, "payment", payment_status(story.payment));
  write_nullable(json, "saga", saga != nullptr ? status_name(saga->row.status) : std::string_view());
  json.end_object().end_object().end_object();
}

Task<Result<Response>> trace_order(Api& api, Request& request) {
  const std::string text(request.param("orderId"));
  std::optional<OrderRecord> order;
  if (const auto id = parse_id<OrderId>(text)) {
    CO_TRY(order, co_await api.views.find_order(*id, api.deadline()));
  }
  if (!order || !visibility_of(request).allows(order->row.user))
    co_return not_found("orderId", text, "Order not found");
  Trace trace(api.views, api.store, api.orders);
  CO_TRY(Story story, co_await trace.story_of(*std::move(order), api.deadline()));
  OldIds ids(api.store, api.deadline());
  CO_TRY_VOID(co_await ids.show(story));
  JsonWriter json;
  write_order_story(json, story);
  co_return json_text(200, json.take());
}

Task<Result<Response>> trace_events(Api& api, Request& request) {
  CO_TRY(const std::size_t limit, number_query(request, "limit", events_default, 0));
  std::optional<std::string> type;
  if (const auto wanted = request.query("eventType"); wanted && !wanted->empty()) type = std::string(*wanted);
  Trace trace(api.views, api.store, api.orders);
  std::vector<RecordedEvent> events;
  if (limit > 0) {
    CO_TRY(events,
           co_await trace.latest_events(visibility_of(request), type, std::min(limit, events_max), api.deadline()));
  }
  std::vector<Uuid> names;
  std::ranges::transform(events, std::back_inserter(names), event_id);
  OldIds ids(api.store, api.deadline());
  CO_TRY_VOID(co_await ids.show(events));
  CO_TRY(const Totals totals, co_await api.views.totals(api.deadline()));
  JsonWriter json;
  json.begin_object().key("events").begin_array();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const RecordedEvent& event = events[i];
    json.begin_object().field("id", names[i]);
    write_event_fields(json, event);
    json.field("correlationId", event.correlation)
        .key("data")
        .raw(event_data(event))
        .key("metadata")
        .null()
        .end_object();
  }
  json.end_array();
  json.key("statistics")
      .begin_object()
      .field("totalReturned", events.size())
      .key("eventTypeDistribution")
      .begin_object();
  for (const auto& [name, count] : totals.events) json.field(name, count);
  json.end_object().end_object().end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_trace_routes(Router& router, Api& api) {
  const Access access = Access::signed_in();
  add(router, api, Method::get, "/trace/correlation/{correlationId}", "traceCorrelation", access, &trace_correlation);
  add(router, api, Method::get, "/trace/order/{orderId}", "traceOrder", access, &trace_order);
  add(router, api, Method::get, "/trace/events", "traceEvents", access, &trace_events);
}

}  // namespace edda::http::old
