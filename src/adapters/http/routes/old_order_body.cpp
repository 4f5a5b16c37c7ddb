#include "http/routes/old_order_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "http/routes/old_support.hpp"

// class-validator names unknown properties first, then each property's faults in the order of the DTO, the last
// decorator's first.
namespace edda::http::old {
namespace {

using Errors = std::vector<FieldError>;
using Names = std::initializer_list<std::string_view>;

constexpr std::int64_t quantity_thousandths_max = 1'000'000'000;
// Any currency of three decimals reads a quantity in thousandths.
constexpr Currency thousandths{{'B', 'H', 'D'}};
constexpr std::string_view no_number = "must be a number conforming to the specified constraints";

void refuse_unknown(const JsonValue::Object& object, Names known, std::string_view prefix, Errors& errors) {
  for (const auto& [name, value] : object) {
    if (std::ranges::find(known, std::string_view(name)) != known.end()) continue;
    errors.push_back({pointer_append(pointer_of(prefix), name),
                      fmt::format("{}{}property {} should not exist", prefix, prefix.empty() ? "" : ".", name)});
  }
}

// Code points, as there: every byte of UTF-8 but continuation bytes begins one.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string text_member(const JsonValue& object, std::string_view name, const std::string& property,
                        std::size_t length_max, Errors& errors) {
  const JsonValue* value = object.find(name);
  const std::string* text = value != nullptr ? value->as_string() : nullptr;
  if (text == nullptr) {
    errors.push_back(field_error(property, "must be a string"));
    return {};
  }
  if (length_of(*text) > length_max) {
    errors.push_back(field_error(property, fmt::format("must be shorter than or equal to {} characters", length_max)));
  }
  return *text;
}

/// In the minor unit of `unit`; at least `least` major units.
std::int64_t number_member(const JsonValue& object, std::string_view name, const std::string& property, Currency unit,
                           int least, Errors& errors) {
  const JsonValue* value = object.find(name);
  const std::string* text = value != nullptr ? value->number_text() : nullptr;
  if (text == nullptr || value->as_double().value_or(0) < least) {
    errors.push_back(field_error(property, fmt::format("must not be less than {}", least)));
  }
  const auto number = text != nullptr ? parse_major(*text, unit) : fail(Errc::invalid_argument, "");
  if (!number) errors.push_back(field_error(property, no_number));
  return number ? number->minor : 0;
}

order::Item read_item(const JsonValue& item, const std::string& path, Currency currency, Errors& errors) {
  order::Item result;
  result.product_id = text_member(item, "productId", path + ".productId", item_text_length_max, errors);
  result.product_name = text_member(item, "productName", path + ".productName", item_text_length_max, errors);
  result.quantity.thousandths = number_member(item, "quantity", path + ".quantity", thousandths, 1, errors);
  if (result.quantity.thousandths > quantity_thousandths_max) {
    errors.push_back(
        field_error(path + ".quantity", fmt::format("must not be greater than {}", quantity_thousandths_max / 1000)));
  }
  result.price = Money{number_member(item, "price", path + ".price", currency, 0, errors), currency};
  return result;
}

void read_items(const JsonValue* value, OrderBody& body, Currency currency) {
  const JsonValue::Array* items = value != nullptr ? value->as_array() : nullptr;
  if (items == nullptr) {
    body.errors.push_back(field_error("items", "must be an array"));
    return;
  }
  if (items->size() > items_max) {
    body.errors.push_back(field_error("items", fmt::format("must contain no more than {} elements", items_max)));
    return;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string path = fmt::format("items.{}", i);
    const JsonValue& item = (*items)[i];
    if (item.as_object() == nullptr) {
      body.errors.push_back({pointer_of(path), "each value in nested property items must be either object or array"});
      continue;
    }
    refuse_unknown(*item.as_object(), {"productId", "productName", "quantity", "price"}, path, body.errors);
    body.items.push_back(read_item(item, path, currency, body.errors));
  }
}

}  // namespace

OrderBody read_order_body(const JsonValue& body, Currency currency) {
  OrderBody result;
  refuse_unknown(*body.as_object(), {"items", "shippingAddress", "idempotencyKey"}, "", result.errors);
  read_items(body.find("items"), result, currency);
  result.shipping_address = text_member(body, "shippingAddress", "shippingAddress", address_length_max, result.errors);
  result.idempotency_key = read_text(body, "idempotencyKey", key_length_max, false, result.errors);
  if (result.idempotency_key && result.idempotency_key->empty()) result.idempotency_key.reset();
  return result;
}

std::optional<std::string> read_text(const JsonValue& body, std::string_view name, std::size_t length_max,
                                     bool required, Errors& errors) {
  const JsonValue* value = body.find(name);
  if (!required && (value == nullptr || value->is_null())) return std::nullopt;
  return text_member(body, name, std::string(name), length_max, errors);
}

}  // namespace edda::http::old
