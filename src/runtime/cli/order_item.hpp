#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace edda::cli {

struct OrderItem {
  std::string product;
  std::int64_t quantity = 1;
  Money price;
};

/// PRODUCT[:QUANTITY[:PRICE]], the price in major units (19.99); without one it is 10. Colons from the right, so that a product's
/// name may hold some if both numbers are given.
/// Errors: invalid_argument.
Result<OrderItem> parse_item(std::string_view text, std::string_view currency);

}  // namespace edda::cli
