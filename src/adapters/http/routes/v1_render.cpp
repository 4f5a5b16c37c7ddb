#include "http/routes/v1_render.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "http/routes/v1_etag.hpp"

namespace edda::http::v1 {
namespace {

// The simulator and every gateway so far are charged by card; nothing in an order says otherwise.
constexpr std::string_view payment_method = "credit_card";

template <class Tag>
void write_id_or_null(JsonWriter& json, std::string_view name, const Id<Tag>& id) {
  json.key(name);
  if (id.is_nil()) {
    json.null();
  } else {
    json.value(id);
  }
}

void write_names(JsonWriter& json, std::string_view name, const std::vector<std::string>& names) {
  json.key(name).begin_array();
  for (const std::string& entry : names) json.value(entry);
  json.end_array();
}

void write_items(JsonWriter& json, const std::vector<order::Item>& items) {
  json.key("items").begin_array();
  for (const order::Item& item : items) {
    json.begin_object()
        .field("product_id", item.product_id)
        .field("product_name", item.product_name)
        .key("quantity")
        .raw(quantity_text(item.quantity))
        .field("price", item.price)
        .end_object();
  }
  json.end_array();
}

struct OrderFields {
  const OrderRow& row;
  const std::vector<order::Item>& items;
  std::string_view shipping_address;
  std::int64_t refunded_minor;
  Timestamp created_at;
  Timestamp updated_at;
};

void write_fields(JsonWriter& json, const OrderFields& order) {
  json.begin_object()
      .field("id", order.row.id)
      .field("user_id", order.row.user)
      .field("status", to_string(order.row.status))
      .field("total", order.row.total)
      .field("refunded", Money{order.refunded_minor, order.row.total.currency});
  write_items(json, order.items);
  json.field("shipping_address", order.shipping_address);
  write_id_or_null(json, "payment_id", order.row.payment);
  write_id_or_null(json, "saga_id", order.row.saga);
  json.field("version", order.row.version.value)
      .field("created_at", order.created_at)
      .field("updated_at", order.updated_at)
      .end_object();
}

std::string_view name_of(saga::StepStatus status) {
  switch (status) {
    case saga::StepStatus::idle: return "idle";
    case saga::StepStatus::requested: return "requested";
    case saga::StepStatus::succeeded: return "succeeded";
    case saga::StepStatus::without_effect: return "without_effect";
    case saga::StepStatus::undone: return "undone";
    case saga::StepStatus::skipped: return "skipped";
  }
  return "idle";
}

void write_steps(JsonWriter& json, const saga::State& saga) {
  json.key("steps").begin_array();
  for (std::size_t i = 0; i < saga.steps.size(); ++i) {
    json.begin_object()
        .field("name", saga.step(i).name)
        .field("state", name_of(saga.steps[i].status))
        .field("attempts", saga.steps[i].attempts)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::string quantity_text(order::Quantity quantity) {
  if (quantity.thousandths % 1000 == 0) return fmt::format("{}", quantity.thousandths / 1000);
  const std::int64_t size = std::abs(quantity.thousandths);
  std::string text = fmt::format("{}{}.{:03}", quantity.thousandths < 0 ? "-" : "", size / 1000, size % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

void write_text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  if (text.empty()) {
    json.null();
  } else {
    json.value(text);
  }
}

void write_page_end(JsonWriter& json, bool has_more, std::string_view next_cursor) {
  json.field("has_more", has_more);
  write_text_or_null(json, "next_cursor", next_cursor);
}

void write_order(JsonWriter& json, const OrderRecord& order) {
  write_fields(json, {order.row, order.items, order.shipping_address, order.refunded_minor, order.created_at,
                      order.updated_at});
}

void write_order(JsonWriter& json, const orders::Answer& answer, std::string_view shipping_address) {
  static const std::vector<order::Item> none;
  const auto& order = answer.state->order;
  const OrderRow row = order::row_of(order);
  write_fields(json, {row, order.items ? *order.items : none, shipping_address, answer.state->payment.refunded_minor(),
                      answer.created_at, answer.updated_at});
}

void write_payment(JsonWriter& json, const PaymentRecord& payment) {
  const PaymentRow& row = payment.row;
  json.begin_object()
      .field("id", row.id)
      .field("order_id", row.order)
      .field("user_id", row.user)
      .field("amount", row.amount)
      .field("refunded", Money{row.refunded_minor, row.amount.currency})
      .field("method", payment_method)
      .field("status", to_string(row.status));
  write_text_or_null(json, "external_transaction_id", row.external_transaction_id);
  write_text_or_null(json, "failure_reason", row.failure_reason);
  json.field("version", row.version.value)
      .field("created_at", payment.created_at)
      .field("updated_at", payment.updated_at)
      .end_object();
}

void write_saga(JsonWriter& json, const SagaRecord& saga, const saga::State* folded) {
  const SagaRow& row = saga.row;
  json.begin_object()
      .field("id", row.id)
      .field("definition", row.definition)
      .field("definition_version", row.definition_version)
      .field("order_id", row.order)
      .field("state", to_string(row.status));
  write_text_or_null(json, "current_step", row.current_step);
  write_names(json, "completed_steps", row.completed_steps);
  write_names(json, "compensation_steps", row.compensation_steps);
  if (folded != nullptr) write_steps(json, *folded);
  write_text_or_null(json, "error", row.error);
  json.field("version", row.version.value)
      .field("created_at", saga.created_at)
      .field("updated_at", saga.updated_at)
      .end_object();
}

Response saga_answer(int status, const SagaRecord& saga, const saga::State& folded) {
  JsonWriter json;
  write_saga(json, saga, &folded);
  return json_text(status, json.take()).set("ETag", etag_of(saga.row.version));
}

std::string_view stream_type_of(const RecordedEvent& event) {
  if (event.type.starts_with("Order")) return "order";
  if (event.type.starts_with("Product") || event.type.starts_with("Stock")) return "product";
  return event.type.starts_with("Payment") ? "payment" : "saga";
}

void write_event(JsonWriter& json, const RecordedEvent& event) {
  json.begin_object()
      .field("id", fmt::format("{}-{}", to_string(event.stream), event.version.value))
      .field("type", event.type)
      .field("stream_id", event.stream)
      .field("stream_type", stream_type_of(event))
      .field("version", event.version.value)
      .field("shard", static_cast<std::int64_t>(event.shard.value))
      .field("position", event.position.value)
      .field("at", event.at)
      .field("at_us", to_micros(event.at))
      .field("node", event.node)
      .field("turn_id", event.turn)
      .field("correlation_id", event.correlation);
  write_id_or_null(json, "causation_id", event.causation.value_or(TurnId{}));
  json.key("data").raw(event.data).end_object();
}

void write_user(JsonWriter& json, const User& user) {
  json.begin_object()
      .field("id", user.id)
      .field("email", user.email)
      .field("first_name", user.first_name)
      .field("last_name", user.last_name)
      .field("role", to_string(user.role))
      .field("status", to_string(user.status))
      .field("email_verified", user.email_verified)
      .field("created_at", user.created_at)
      .field("updated_at", user.updated_at)
      .end_object();
}

}  // namespace edda::http::v1
