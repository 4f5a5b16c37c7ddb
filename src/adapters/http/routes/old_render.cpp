#include "http/routes/old_render.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "saga/definitions.hpp"

namespace edda::http::old {
namespace {

std::string quantity_text(order::Quantity quantity) {
  std::string text = fmt::format("{}.{:03}", quantity.thousandths / 1000, quantity.thousandths % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

bool processes_an_order(const SagaRow& saga) { return saga.definition == saga::order_processing.name; }

}  // namespace

std::string_view status_name(OrderStatus status) {
  return to_string(status == OrderStatus::cancelling ? OrderStatus::cancelled : status);
}

std::string_view status_name(SagaStatus status) {
  switch (status) {
    case SagaStatus::started:
    case SagaStatus::completed:
    case SagaStatus::compensating:
    case SagaStatus::compensated:
      return to_string(status);
    case SagaStatus::parked:
    case SagaStatus::paused:
    case SagaStatus::force_closed:
      break;
  }
  return "failed";
}

std::optional<std::vector<SagaStatus>> saga_statuses(std::string_view name) {
  std::vector<SagaStatus> statuses;
  for (const SagaStatus status :
       {SagaStatus::started, SagaStatus::completed, SagaStatus::compensating, SagaStatus::compensated,
        SagaStatus::parked, SagaStatus::paused, SagaStatus::force_closed}) {
    if (status_name(status) == name) statuses.push_back(status);
  }
  return statuses.empty() ? std::nullopt : std::optional(std::move(statuses));
}

std::optional<std::vector<OrderStatus>> order_statuses(std::string_view name) {
  if (name == "processing" || name == "failed") return std::vector<OrderStatus>{};
  std::vector<OrderStatus> statuses;
  for (const OrderStatus status : {OrderStatus::pending, OrderStatus::paid, OrderStatus::shipped,
                                   OrderStatus::delivered, OrderStatus::cancelling, OrderStatus::cancelled}) {
    if (status_name(status) == name) statuses.push_back(status);
  }
  return statuses.empty() ? std::nullopt : std::optional(std::move(statuses));
}

std::vector<std::string> completed_steps(const SagaRow& saga) {
  std::vector<std::string> steps = saga.completed_steps;
  const std::string_view first = saga::payment_processing;
  if (processes_an_order(saga) && std::ranges::find(steps, first) == steps.end())
    steps.insert(steps.begin(), std::string(first));
  return steps;
}

std::string_view error_message(const SagaRow& saga) {
  const bool ended_well = saga.status == SagaStatus::completed || saga.status == SagaStatus::compensated;
  return ended_well ? std::string_view() : std::string_view(saga.error);
}

void write_amount(JsonWriter& json, std::string_view name, Money amount) { json.key(name).raw(to_major(amount)); }

void write_nullable(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  if (text.empty()) {
    json.null();
  } else {
    json.value(text);
  }
}

void write_strings(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_items(JsonWriter& json, const std::vector<order::Item>& items) {
  json.key("items").begin_array();
  for (const order::Item& item : items) {
    json.begin_object().field("productId", item.product_id).field("productName", item.product_name);
    json.key("quantity").raw(quantity_text(item.quantity));
    write_amount(json, "price", item.price);
    json.end_object();
  }
  json.end_array();
}

OrderView view_of(const OrderRecord& order) {
  return {order.row.id, order.row.user,         order.row.total,  order.row.status,
          order.items,  order.shipping_address, order.created_at, order.updated_at};
}

void write_order(JsonWriter& json, const OrderView& order) {
  json.begin_object().field("id", order.id).field("userId", order.user);
  write_amount(json, "totalAmount", order.total);
  json.field("status", status_name(order.status));
  write_items(json, order.items);
  json.field("shippingAddress", order.shipping_address)
      .field("createdAt", order.created_at)
      .field("updatedAt", order.updated_at)
      .end_object();
}

void write_saga_data(JsonWriter& json, const OrderRecord& order) {
  json.key("data").begin_object().field("orderId", order.row.id).field("userId", order.row.user);
  write_amount(json, "totalAmount", order.row.total);
  write_items(json, order.items);
  json.field("shippingAddress", order.shipping_address).end_object();
}

void write_saga_progress(JsonWriter& json, const SagaRow& saga, bool with_compensation) {
  json.field("status", status_name(saga.status));
  write_nullable(json, "currentStep", saga.current_step);
  write_strings(json, "completedSteps", completed_steps(saga));
  if (with_compensation) write_strings(json, "compensationSteps", saga.compensation_steps);
  write_nullable(json, "errorMessage", error_message(saga));
}

void write_payment_outcome(JsonWriter& json, const std::optional<PaymentRecord>& payment) {
  json.key("payment");
  if (!payment) {
    json.null();
    return;
  }
  json.begin_object().field("id", payment->row.id).field("status", status_name(payment->row.status));
  write_nullable(json, "failureReason", payment->row.failure_reason);
  json.end_object();
}

void write_saga(JsonWriter& json, const SagaRecord& saga, const OrderRecord& order) {
  json.begin_object()
      .field("id", saga.row.id)
      .field("sagaType", saga.row.definition)
      .field("correlationId", saga.row.order);
  write_saga_progress(json, saga.row, true);
  write_saga_data(json, order);
  json.field("createdAt", saga.created_at).field("updatedAt", saga.updated_at).end_object();
}

}  // namespace edda::http::old
