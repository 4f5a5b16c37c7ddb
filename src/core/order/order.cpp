#include "order/order.hpp"

#include "base/overloaded.hpp"

namespace edda::order {
namespace {

using Decision = std::expected<std::vector<Event>, Rejection>;

Decision decide(const State& state, const PlaceOrder& c) {
  if (state.exists()) return std::unexpected(Rejection::already_exists);
  return std::vector<Event>{OrderCreated{c.order, c.user, c.items, c.total, c.shipping_address, c.payment, c.saga}};
}

Decision decide(const State& state, const ConfirmOrder&) {
  if (state.status != OrderStatus::pending) return std::unexpected(Rejection::not_pending);
  return std::vector<Event>{OrderConfirmed{state.id, state.payment, state.total}};
}

Decision decide(const State& state, const RequestCancellation& c) {
  switch (state.status) {
    case OrderStatus::pending:
    case OrderStatus::paid:
    case OrderStatus::shipped: break;
    case OrderStatus::delivered: return std::unexpected(Rejection::delivered);
    case OrderStatus::cancelling: return std::unexpected(Rejection::already_cancelling);
    case OrderStatus::cancelled: return std::unexpected(Rejection::already_cancelled);
  }
  return std::vector<Event>{OrderCancellationRequested{state.id, c.reason, c.saga}};
}

Decision decide(const State& state, const CancelOrder& c) {
  if (state.status == OrderStatus::cancelled) return std::unexpected(Rejection::already_cancelled);
  if (state.status != OrderStatus::pending && state.status != OrderStatus::cancelling)
    return std::unexpected(Rejection::not_cancelling);
  return std::vector<Event>{OrderCancelled{state.id, state.user, c.reason}};
}

Decision decide(const State& state, const ShipOrder&) {
  if (state.status != OrderStatus::paid) return std::unexpected(Rejection::not_paid);
  return std::vector<Event>{OrderShipped{state.id}};
}

Decision decide(const State& state, const DeliverOrder&) {
  if (state.status != OrderStatus::shipped) return std::unexpected(Rejection::not_shipped);
  return std::vector<Event>{OrderDelivered{state.id}};
}

void apply(State& state, const OrderCreated& e) {
  state.id = e.order;
  state.user = e.user;
  state.status = OrderStatus::pending;
  state.total = e.total;
  state.payment = e.payment;
  state.saga = e.saga;
  state.items = std::make_shared<const std::vector<Item>>(e.items);
}
void apply(State& state, const OrderConfirmed&) { state.status = OrderStatus::paid; }
void apply(State& state, const OrderCancellationRequested& e) {
  state.status = OrderStatus::cancelling;
  state.cancellation_saga = e.saga;
  state.cancellation_reason = e.reason;
}
void apply(State& state, const OrderCancelled&) { state.status = OrderStatus::cancelled; }
void apply(State& state, const OrderShipped&) { state.status = OrderStatus::shipped; }
void apply(State& state, const OrderDelivered&) { state.status = OrderStatus::delivered; }

}  // namespace

std::string_view to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::already_exists: return "already_exists";
    case Rejection::not_found: return "not_found";
    case Rejection::not_pending: return "not_pending";
    case Rejection::already_cancelling: return "already_cancelling";
    case Rejection::already_cancelled: return "already_cancelled";
    case Rejection::not_cancelling: return "not_cancelling";
    case Rejection::delivered: return "delivered";
    case Rejection::not_paid: return "not_paid";
    case Rejection::not_shipped: return "not_shipped";
  }
  return "rejected";
}

std::expected<std::vector<Event>, Rejection> decide(const State& state, const Command& command) {
  if (!state.exists() && !std::holds_alternative<PlaceOrder>(command)) return std::unexpected(Rejection::not_found);
  return std::visit([&](const auto& c) { return decide(state, c); }, command);
}

State evolve(State state, const Event& event) {
  std::visit([&](const auto& e) { apply(state, e); }, event);
  ++state.version.value;
  return state;
}

OrderRow row_of(const State& state) {
  return OrderRow{state.id, state.user, state.status, state.total, state.payment, state.saga, state.version};
}

}  // namespace edda::order
