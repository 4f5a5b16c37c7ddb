#include "http/routes/v1_order_body.hpp"

#include <fmt/format.h>

namespace edda::http::v1 {
namespace {

order::Item read_item(const JsonValue& value, std::string pointer, Faults& faults) {
  FieldReader reader(value, std::move(pointer), faults, {"product_id", "product_name", "quantity", "price"});
  order::Item item;
  item.product_id = reader.text("product_id", 1, name_characters_max);
  item.product_name = reader.text("product_name", 1, name_characters_max);
  const auto quantity = reader.integer("quantity", 1, item_quantity_max);
  if (quantity >= 1 && quantity <= item_quantity_max) item.quantity = order::Quantity::whole(quantity);
  item.price = reader.money("price", 0);
  return item;
}

std::string item_pointer(std::size_t index) { return fmt::format("/items/{}", index); }

void check_meaning(const std::vector<order::Item>& items, Faults& faults) {
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].price.currency != items.front().price.currency) {
      faults.meaning.push_back({item_pointer(i) + "/price/currency", "must be the currency of the first item"});
    }
  }
  if (faults.any()) return;
  const auto total = orders::total_of(items, items.front().price.currency);
  if (!total) faults.meaning.push_back({total.error().where, total.error().message});
}

}  // namespace

std::expected<orders::NewOrder, Response> read_new_order(const Request& request, const JsonValue& body) {
  Faults faults;
  FieldReader reader(body, "", faults, {"items", "shipping_address"});
  orders::NewOrder order;
  order.user = request.principal->user;
  const auto* items = reader.array("items", 1, order_items_max);
  for (std::size_t i = 0; items != nullptr && i < items->size() && i < order_items_max; ++i) {
    order.items.push_back(read_item((*items)[i], item_pointer(i), faults));
  }
  order.shipping_address = reader.text("shipping_address", 1, address_characters_max);
  if (!faults.any()) check_meaning(order.items, faults);
  if (faults.any()) return std::unexpected(faults.answer(request));
  order.currency = order.items.front().price.currency;
  return order;
}

}  // namespace edda::http::v1
