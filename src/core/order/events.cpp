#include "order/events.hpp"

#include <fmt/format.h>

#include "base/json_reader.hpp"
#include "base/json_writer.hpp"
#include "base/overloaded.hpp"
#include "eventsourcing/event.hpp"

namespace edda::order {
namespace {

void write_items(JsonWriter& json, const std::vector<Item>& items) {
  json.key("items").begin_array();
  for (const auto& item : items) {
    json.begin_object()
        .field("productId", item.product_id)
        .field("productName", item.product_name)
        .field("quantityThousandths", item.quantity.thousandths)
        .field("price", item.price)
        .end_object();
  }
  json.end_array();
}

std::vector<Item> read_items(JsonReader& json) {
  std::vector<Item> items;
  for (const auto& element : json.array("items")) {
    JsonReader item(element.is_object() ? element.get_object() : boost::json::object{});
    items.push_back({item.string("productId"), item.string("productName"), Quantity{item.integer("quantityThousandths")},
                     item.money("price")});
    json.merge(item);
  }
  return items;
}

void write(JsonWriter& json, const OrderCreated& e) {
  json.field("orderId", e.order).field("userId", e.user);
  write_items(json, e.items);
  json.field("totalAmount", e.total)
      .field("shippingAddress", e.shipping_address)
      .field("paymentId", e.payment)
      .field("sagaId", e.saga);
}
void write(JsonWriter& json, const OrderConfirmed& e) {
  json.field("orderId", e.order).field("paymentId", e.payment).field("totalAmount", e.total);
}
void write(JsonWriter& json, const OrderCancellationRequested& e) {
  json.field("orderId", e.order).field("reason", e.reason).field("sagaId", e.saga);
}
void write(JsonWriter& json, const OrderCancelled& e) {
  json.field("orderId", e.order).field("userId", e.user).field("reason", e.reason);
}
void write(JsonWriter& json, const OrderShipped& e) { json.field("orderId", e.order); }
void write(JsonWriter& json, const OrderDelivered& e) { json.field("orderId", e.order); }

Event read(std::string_view type, JsonReader& json) {
  const auto order = json.id<OrderId>("orderId");
  if (type == "OrderCreated")
    return OrderCreated{order,
                        json.id<UserId>("userId"),
                        read_items(json),
                        json.money("totalAmount"),
                        json.string("shippingAddress"),
                        json.id<PaymentId>("paymentId"),
                        json.id<SagaId>("sagaId")};
  if (type == "OrderConfirmed") return OrderConfirmed{order, json.id<PaymentId>("paymentId"), json.money("totalAmount")};
  if (type == "OrderCancellationRequested")
    return OrderCancellationRequested{order, json.string("reason"), json.id<SagaId>("sagaId")};
  if (type == "OrderCancelled") return OrderCancelled{order, json.id<UserId>("userId"), json.string("reason")};
  if (type == "OrderShipped") return OrderShipped{order};
  return OrderDelivered{order};
}

bool is_known(std::string_view type) {
  for (const std::string_view name : {"OrderCreated", "OrderConfirmed", "OrderCancellationRequested", "OrderCancelled",
                                      "OrderShipped", "OrderDelivered"})
    if (type == name) return true;
  return false;
}

}  // namespace

std::string_view type_name(const Event& event) {
  return std::visit(
      overloaded{
          [](const OrderCreated&) -> std::string_view { return "OrderCreated"; },
          [](const OrderConfirmed&) -> std::string_view { return "OrderConfirmed"; },
          [](const OrderCancellationRequested&) -> std::string_view { return "OrderCancellationRequested"; },
          [](const OrderCancelled&) -> std::string_view { return "OrderCancelled"; },
          [](const OrderShipped&) -> std::string_view { return "OrderShipped"; },
          [](const OrderDelivered&) -> std::string_view { return "OrderDelivered"; },
      },
      event);
}

std::string encode(const Event& event) {
  JsonWriter json;
  json.begin_object();
  std::visit([&](const auto& e) { write(json, e); }, event);
  json.end_object();
  return json.take();
}

Result<Event> decode(std::string_view type, std::string_view data) {
  if (!is_known(type)) return fail_newer_release(fmt::format("'{}' is no event of an order this release knows", type));
  JsonReader json(data);
  Event event = read(type, json);
  if (json.error()) return std::unexpected(*json.error());
  return event;
}

}  // namespace edda::order
