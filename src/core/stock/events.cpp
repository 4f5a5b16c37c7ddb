#include "stock/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_reader.hpp"
#include "base/json_writer.hpp"
#include "base/overloaded.hpp"
#include "eventsourcing/event.hpp"

namespace edda::stock {
namespace {

void write(JsonWriter& json, const ProductCreated& e) {
  json.field("id", e.id)
      .field("productId", e.product)
      .field("name", e.name)
      .field("merchantId", e.merchant)
      .field("tracked", e.tracked);
}
void write(JsonWriter& json, const ProductChanged& e) { json.field("name", e.name).field("tracked", e.tracked); }
void write(JsonWriter& json, const StockAdjusted& e) {
  json.field("quantityThousandths", e.quantity)
      .field("reason", e.reason)
      .field("by", e.by)
      .field("availableThousandths", e.available);
}
void write(JsonWriter& json, const StockReserved& e) {
  json.field("key", e.key).field("orderId", e.order).field("quantityThousandths", e.quantity);
}
void write(JsonWriter& json, const StockReservationDeclined& e) {
  json.field("key", e.key)
      .field("orderId", e.order)
      .field("quantityThousandths", e.quantity)
      .field("availableThousandths", e.available);
}
void write(JsonWriter& json, const StockReservationVoided& e) { json.field("key", e.key).field("orderId", e.order); }
void write(JsonWriter& json, const StockReleased& e) {
  json.field("key", e.key).field("orderId", e.order).field("quantityThousandths", e.quantity);
}

Event read(std::string_view type, JsonReader& json) {
  if (type == "ProductCreated")
    return ProductCreated{json.id<ProductId>("id"), json.string("productId"), json.string("name"),
                          json.id<UserId>("merchantId"), json.boolean_or("tracked", true)};
  if (type == "ProductChanged") return ProductChanged{json.string("name"), json.boolean_or("tracked", true)};
  if (type == "StockAdjusted")
    return StockAdjusted{json.integer("quantityThousandths"), json.string("reason"), json.id<UserId>("by"),
                         json.integer("availableThousandths")};
  std::string key = json.string("key");
  const auto order = json.id<OrderId>("orderId");
  if (type == "StockReservationVoided") return StockReservationVoided{std::move(key), order};
  const std::int64_t quantity = json.integer("quantityThousandths");
  if (type == "StockReservationDeclined")
    return StockReservationDeclined{std::move(key), order, quantity, json.integer("availableThousandths")};
  if (type == "StockReleased") return StockReleased{std::move(key), order, quantity};
  return StockReserved{std::move(key), order, quantity};
}

constexpr std::array<std::string_view, 7> names{
    "ProductCreated",           "ProductChanged",         "StockAdjusted", "StockReserved",
    "StockReservationDeclined", "StockReservationVoided", "StockReleased"};

}  // namespace

std::string_view type_name(const Event& event) { return names[event.index()]; }

std::string encode(const Event& event) {
  JsonWriter json;
  json.begin_object();
  std::visit([&](const auto& e) { write(json, e); }, event);
  json.end_object();
  return json.take();
}

Result<Event> decode(std::string_view type, std::string_view data) {
  if (std::ranges::find(names, type) == names.end())
    return fail_newer_release(fmt::format("'{}' is no event of a product this release knows", type));
  JsonReader json(data);
  Event event = read(type, json);
  if (json.error()) return std::unexpected(*json.error());
  return event;
}

}  // namespace edda::stock
