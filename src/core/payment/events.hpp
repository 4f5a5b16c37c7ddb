#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/result.hpp"

namespace edda::payment {

// Facts about one order's money.

struct PaymentRequested {
  PaymentId payment;
  OrderId order;
  UserId user;
  Money amount;
};
/// Captured. `late`: the success came after the payment had been given up; it is refunded at once.
struct PaymentProcessed {
  PaymentId payment;
  OrderId order;
  UserId user;
  Money amount;
  std::string external_transaction_id;
  bool late = false;
};
/// The charge surely took no effect: declined, voided, or never sent.
struct PaymentFailed {
  PaymentId payment;
  OrderId order;
  UserId user;
  Money amount;
  std::string failure_reason;
};
/// Money set aside for a refund, in the turn that asks for it: no two refunds can spend the same cents.
struct PaymentRefundRequested {
  PaymentId payment;
  OrderId order;
  SagaId saga;
  Money amount;
  std::string reason;
};
struct PaymentRefunded {
  PaymentId payment;
  OrderId order;
  SagaId saga;
  Money amount;
  std::string reason;
  std::string external_transaction_id;
};
/// The gateway refused a refund: its reservation is given back.
struct PaymentRefundDeclined {
  PaymentId payment;
  OrderId order;
  SagaId saga;
  Money amount;
  std::string failure_reason;
};

using Event = std::variant<PaymentRequested, PaymentProcessed, PaymentFailed, PaymentRefundRequested, PaymentRefunded,
                           PaymentRefundDeclined>;

/// The name under which the event stands in the log, a static string ("PaymentProcessed").
std::string_view type_name(const Event& event);
std::string encode(const Event& event);
/// Errors: corrupt (unknown type, or data that is not what the type says).
Result<Event> decode(std::string_view type, std::string_view data);

}  // namespace edda::payment
