#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/timestamp.hpp"

namespace edda {

// Order, payment and saga states as clients see them. `processing` and `failed` orders existed in the replaced system: they are
// accepted as filters on the old routes and never written.
enum class OrderStatus { pending, paid, shipped, delivered, cancelling, cancelled };
enum class PaymentStatus { pending, processing, completed, failed, refunded };
enum class SagaStatus { started, completed, compensating, compensated, parked, paused, force_closed };

std::string_view to_string(OrderStatus status);
std::string_view to_string(PaymentStatus status);
std::string_view to_string(SagaStatus status);
std::optional<OrderStatus> parse_order_status(std::string_view name);
std::optional<PaymentStatus> parse_payment_status(std::string_view name);
std::optional<SagaStatus> parse_saga_status(std::string_view name);

/// True for a saga that still has to do something, or waits for an operator: what a new owner of the shard must look at.
bool is_live(SagaStatus status);

// The rows of the read models. Each is a function of the events of ONE stream, so that a rebuild is one pass over the streams.
// The store stamps them with the times of the stream's first and last event.

/// What a customer bought stands in the stream's first event (OrderCreated); it is not copied into the row.
struct OrderRow {
  OrderId id;
  UserId user;
  OrderStatus status = OrderStatus::pending;
  Money total;
  PaymentId payment;
  SagaId saga;  ///< the OrderProcessingSaga
  StreamVersion version;

  bool operator==(const OrderRow&) const = default;
};

struct PaymentRow {
  PaymentId id;
  OrderId order;
  UserId user;
  PaymentStatus status = PaymentStatus::pending;
  Money amount;
  std::int64_t refunded_minor = 0;      ///< confirmed by the gateway
  std::string external_transaction_id;  ///< empty until captured
  std::string failure_reason;           ///< empty unless failed
  StreamVersion version;

  bool operator==(const PaymentRow&) const = default;
};

struct SagaRow {
  SagaId id;
  OrderId order;
  UserId user;
  std::string definition;
  int definition_version = 1;
  SagaStatus status = SagaStatus::started;
  std::string current_step;  ///< a step's name, or "completed" / "compensated" at the end
  std::vector<std::string> completed_steps;
  std::vector<std::string> compensation_steps;
  std::string error;  ///< empty unless something failed
  StreamVersion version;

  bool operator==(const SagaRow&) const = default;
};

/// A product holds its whole state in its row. Quantities are thousandths.
struct ProductRow {
  ProductId id;
  std::string product;  ///< its id in order lines
  std::string name;
  UserId merchant;
  bool tracked = true;
  std::int64_t available = 0;
  std::int64_t held = 0;  ///< reserved by orders
  StreamVersion version;

  bool operator==(const ProductRow&) const = default;
};

/// A row with the times of its stream's first and last event.
template <class Row>
struct Stored {
  Row row;
  Timestamp created_at;
  Timestamp updated_at;

  bool operator==(const Stored&) const = default;
};

}  // namespace edda
