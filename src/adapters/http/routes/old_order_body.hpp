#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "http/problem.hpp"
#include "http/strict_json.hpp"
#include "order/item.hpp"

namespace edda::http::old {

// Bounds that the replaced system lacks: what is stored and shown again must not be without limit.
inline constexpr std::size_t items_max = 1'000;
inline constexpr std::size_t item_text_length_max = 255;
inline constexpr std::size_t address_length_max = 500;
inline constexpr std::size_t key_length_max = 255;
inline constexpr std::size_t reason_length_max = 500;

/// The body of POST /orders.
struct OrderBody {
  std::vector<order::Item> items;
  std::string shipping_address;
  std::optional<std::string> idempotency_key;  ///< not set for "" and null, as there
  std::vector<FieldError> errors;  ///< in the words and the order of class-validator; when not empty, the rest is void
};
/// Prices and quantities are read from their text, exactly: a price with more decimals than `currency` has is wrong,
/// and so is a quantity with more than three.
OrderBody read_order_body(const JsonValue& body, Currency currency);

/// A text member of a lenient body (cancel, confirm), where unknown fields pass. An absent or null one is nullopt
/// unless `required`.
std::optional<std::string> read_text(const JsonValue& body, std::string_view name, std::size_t length_max,
                                     bool required, std::vector<FieldError>& errors);

}  // namespace edda::http::old
