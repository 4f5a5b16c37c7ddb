#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "payment/events.hpp"
#include "views/rows.hpp"

namespace edda::payment {

/// One refund; named by the saga that carries it out.
struct Refund {
  enum class Status { reserved, refunded, declined };
  SagaId saga;
  std::int64_t minor = 0;
  Status status = Status::reserved;
  std::string reason;
};

/// What a payment's events add up to. Version 0: nothing was asked for yet.
struct State {
  StreamVersion version;
  PaymentId id;
  OrderId order;
  UserId user;
  PaymentStatus status = PaymentStatus::pending;
  Money amount;
  std::string external_transaction_id;
  std::string failure_reason;
  std::vector<Refund> refunds;

  bool exists() const { return version.value > 0; }
  bool captured() const { return status == PaymentStatus::completed || status == PaymentStatus::refunded; }
  /// Confirmed by the gateway.
  std::int64_t refunded_minor() const;
  /// Captured, and neither refunded nor set aside for a refund.
  std::int64_t refundable_minor() const;
};

// Wishes.

struct RequestPayment {
  PaymentId payment;
  OrderId order;
  UserId user;
  Money amount;
};
struct RecordCapture {
  std::string external_transaction_id;
};
struct RecordFailure {
  std::string reason;
};
/// `minor` 0: all that is left.
struct ReserveRefund {
  SagaId saga;
  std::int64_t minor = 0;
  std::string reason;
};
struct RecordRefund {
  SagaId saga;
  std::string external_transaction_id;
};
struct DeclineRefund {
  SagaId saga;
  std::string reason;
};
using Command =
    std::variant<RequestPayment, RecordCapture, RecordFailure, ReserveRefund, RecordRefund, DeclineRefund>;

enum class Rejection {
  already_requested,
  not_found,
  already_captured,     ///< record capture or failure
  already_failed,       ///< record failure
  not_captured,         ///< refund
  exceeds_refundable,   ///< refund: more than is left
  nothing_to_refund,    ///< refund of all that is left: nothing is
  already_reserved,     ///< this saga has a refund already
  no_such_refund,       ///< record or decline: no refund of this saga is left to be told of
};
std::string_view to_string(Rejection rejection);

/// Errors: the rejection. Pure.
std::expected<std::vector<Event>, Rejection> decide(const State& state, const Command& command);
/// Cannot fail: events are facts.
State evolve(State state, const Event& event);

/// The read-model row of a state. Needs an existing payment.
PaymentRow row_of(const State& state);

}  // namespace edda::payment
