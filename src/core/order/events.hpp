#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "order/item.hpp"

namespace edda::order {

// Facts about an order, past tense. Fields are stored in camelCase JSON; amounts as {"amount": minor units, "currency": "EUR"}.

struct OrderCreated {
  OrderId order;
  UserId user;
  std::vector<Item> items;
  Money total;
  std::string shipping_address;
  PaymentId payment;
  SagaId saga;  ///< the OrderProcessingSaga that carries the order to its end
};
struct OrderConfirmed {
  OrderId order;
  PaymentId payment;
  Money total;
};
struct OrderCancellationRequested {
  OrderId order;
  std::string reason;  ///< may be empty
  SagaId saga;         ///< the saga that carries the cancellation out
};
struct OrderCancelled {
  OrderId order;
  UserId user;
  std::string reason;  ///< may be empty
};
struct OrderShipped {
  OrderId order;
};
struct OrderDelivered {
  OrderId order;
};

using Event =
    std::variant<OrderCreated, OrderConfirmed, OrderCancellationRequested, OrderCancelled, OrderShipped, OrderDelivered>;

/// The name under which the event stands in the log, a static string ("OrderCreated").
std::string_view type_name(const Event& event);
std::string encode(const Event& event);
/// Errors: corrupt (unknown type, or data that is not what the type says).
Result<Event> decode(std::string_view type, std::string_view data);

}  // namespace edda::order
