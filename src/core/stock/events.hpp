#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace edda::stock {

// Facts about a product and its stock, past tense. Quantities are thousandths of one piece, as in order::Quantity.

struct ProductCreated {
  ProductId id;
  std::string product;  ///< its id in order lines, as clients write it
  std::string name;
  UserId merchant;
  bool tracked = true;
};
struct ProductChanged {
  std::string name;
  bool tracked = true;
};
struct StockAdjusted {
  std::int64_t quantity = 0;  ///< added; negative: taken away
  std::string reason;         ///< may be empty
  UserId by;
  std::int64_t available = 0;  ///< afterwards; told for readers of the log
};

// What became of a reservation. `key` names the step that asked for it, forward; it is answered once, for ever (R20): each of the first
// three is stored with the command row of that key, so at most one of them exists for a key.

struct StockReserved {
  std::string key;
  OrderId order;
  std::int64_t quantity = 0;
};
struct StockReservationDeclined {
  std::string key;
  OrderId order;
  std::int64_t quantity = 0;   ///< asked for
  std::int64_t available = 0;  ///< at that instant
};
/// Released before it was asked for: a request under the key that comes late finds it spent.
struct StockReservationVoided {
  std::string key;
  OrderId order;
};
/// Gives a reservation back. Stored with the command row of `release_key(key)`.
struct StockReleased {
  std::string key;
  OrderId order;
  std::int64_t quantity = 0;
};

using Event = std::variant<ProductCreated, ProductChanged, StockAdjusted, StockReserved, StockReservationDeclined,
                           StockReservationVoided, StockReleased>;

/// The name under which the event stands in the log, a static string ("StockReserved").
std::string_view type_name(const Event& event);
std::string encode(const Event& event);
/// Errors: corrupt (unknown type, or data that is not what the type says).
Result<Event> decode(std::string_view type, std::string_view data);

}  // namespace edda::stock
