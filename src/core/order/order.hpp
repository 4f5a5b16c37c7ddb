#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "order/events.hpp"
#include "views/rows.hpp"

namespace edda::order {

/// What an order's events add up to. Version 0: there is no such order.
struct State {
  StreamVersion version;
  OrderId id;
  UserId user;
  OrderStatus status = OrderStatus::pending;
  Money total;
  PaymentId payment;
  SagaId saga;
  SagaId cancellation_saga;  ///< nil until a cancellation was asked for
  std::string cancellation_reason;
  std::shared_ptr<const std::vector<Item>> items;  ///< shared: states are copied for every turn, items never change

  bool exists() const { return version.value > 0; }
};

// Wishes. The ids of what a command creates come with it: deciding draws nothing.

struct PlaceOrder {
  OrderId order;
  UserId user;
  std::vector<Item> items;
  Money total;
  std::string shipping_address;
  PaymentId payment;
  SagaId saga;
};
struct ConfirmOrder {};
/// `saga` is the one that will carry the cancellation out.
struct RequestCancellation {
  std::string reason;
  SagaId saga;
};
/// The end of a cancellation, or of an order whose payment was declined.
struct CancelOrder {
  std::string reason;
};
struct ShipOrder {};
struct DeliverOrder {};

using Command = std::variant<PlaceOrder, ConfirmOrder, RequestCancellation, CancelOrder, ShipOrder, DeliverOrder>;

/// A refusal by the domain: a normal result.
enum class Rejection {
  already_exists,
  not_found,
  not_pending,         ///< confirm
  already_cancelling,  ///< cancel: asked for before, on its way
  already_cancelled,   ///< cancel
  not_cancelling,      ///< the end of a cancellation that nobody asked for
  delivered,           ///< cancel: too late
  not_paid,            ///< ship
  not_shipped,         ///< deliver
};
std::string_view to_string(Rejection rejection);

/// Errors: the rejection. Pure.
std::expected<std::vector<Event>, Rejection> decide(const State& state, const Command& command);
/// Cannot fail: events are facts.
State evolve(State state, const Event& event);

/// The read-model row of a state. Needs an existing order.
OrderRow row_of(const State& state);

}  // namespace edda::order
