#pragma once

#include <cstdint>
#include <string>

#include "base/money.hpp"

namespace edda::order {

/// A count of a product in thousandths, because clients of the replaced system may order 1.5 of something.
struct Quantity {
  std::int64_t thousandths = 1000;

  bool operator==(const Quantity&) const = default;
  static Quantity whole(std::int64_t count) { return Quantity{count * 1000}; }
};

struct Item {
  std::string product_id;
  std::string product_name;
  Quantity quantity;
  Money price;  ///< of one

  bool operator==(const Item&) const = default;
};

}  // namespace edda::order
