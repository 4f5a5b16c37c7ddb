#include "http/routes/old_events.hpp"

#include <variant>

#include "base/json_writer.hpp"
#include "eventsourcing/event_id.hpp"
#include "http/routes/old_render.hpp"
#include "order/events.hpp"
#include "payment/events.hpp"

namespace edda::http::old {
namespace {

void write(JsonWriter& json, const order::OrderCreated& e) {
  json.field("orderId", e.order).field("userId", e.user);
  write_amount(json, "totalAmount", e.total);
  write_items(json, e.items);
  json.field("shippingAddress", e.shipping_address);
}
// A string, there: its ORM gave numerics back as text.
void write(JsonWriter& json, const order::OrderConfirmed& e) {
  json.field("orderId", e.order).field("paymentId", e.payment).field("totalAmount", to_major_fixed(e.total));
}
void write(JsonWriter& json, const order::OrderCancelled& e) {
  json.field("orderId", e.order).field("userId", e.user);
  if (!e.reason.empty()) json.field("reason", e.reason);
}
void write(JsonWriter& json, const payment::PaymentProcessed& e) {
  json.field("paymentId", e.payment).field("orderId", e.order).field("userId", e.user);
  write_amount(json, "amount", e.amount);
  json.field("externalTransactionId", e.external_transaction_id);
}
void write(JsonWriter& json, const payment::PaymentFailed& e) {
  json.field("paymentId", e.payment).field("orderId", e.order).field("userId", e.user);
  write_amount(json, "amount", e.amount);
  json.field("failureReason", e.failure_reason);
}
void write(JsonWriter& json, const payment::PaymentRefunded& e) {
  json.field("paymentId", e.payment).field("orderId", e.order);
  write_amount(json, "refundAmount", e.amount);
  json.field("reason", e.reason);
}

template <class Event>
constexpr bool has_old_shape = requires(JsonWriter& json, const Event& event) { write(json, event); };

template <class Variant>
std::string in_old_shape(const RecordedEvent& recorded, const Result<Variant>& decoded) {
  if (!decoded) return recorded.data;
  return std::visit(
      [&]<class Event>(const Event& event) {
        if constexpr (has_old_shape<Event>) {
          JsonWriter json;
          json.begin_object();
          write(json, event);
          json.end_object();
          return json.take();
        } else {
          return recorded.data;
        }
      },
      *decoded);
}

}  // namespace

std::string_view aggregate_type(std::string_view event_type) {
  if (event_type.starts_with("Order")) return "Order";
  if (event_type.starts_with("Product") || event_type.starts_with("Stock")) return "Product";
  return event_type.starts_with("Payment") ? "Payment" : "Saga";
}

std::string event_data(const RecordedEvent& event) {
  const std::string_view aggregate = aggregate_type(event.type);
  if (aggregate == "Order") return in_old_shape(event, order::decode(event.type, event.data));
  if (aggregate == "Payment") return in_old_shape(event, payment::decode(event.type, event.data));
  return event.data;
}

Uuid event_id(const RecordedEvent& event) { return edda::event_id(event.stream, event.version); }

}  // namespace edda::http::old
