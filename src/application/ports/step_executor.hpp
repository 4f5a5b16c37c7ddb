#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/task.hpp"
#include "saga/engine.hpp"

namespace edda {

/// So many of a product.
struct StockLine {
  std::string product_id;
  std::int64_t quantity = 0;  ///< thousandths, as order::Quantity

  bool operator==(const StockLine&) const = default;
};

/// One send of an outside step, with all it needs.
struct StepRequest {
  SagaId saga;
  OrderId order;
  std::string step;
  saga::Direction direction = saga::Direction::forward;
  int attempt = 1;
  saga::Action action = saga::Action::charge_payment;
  std::string key;          ///< saga / step / direction: the same for every send
  std::string forward_key;  ///< void, release_stock: the key of the action that is voided or undone
  Money amount;
  std::vector<std::string> product_ids;
  std::string charge_reference;      ///< refund: of the charge to pay back from
  std::vector<StockLine> lines;      ///< reserve_stock, release_stock: what the order is made of, one line a product
  std::optional<Timestamp> not_after;  ///< nobody performs it later: the other side may have forgotten the key (R12)
  bool resent = false;               ///< this attempt was sent before, by this owner or an earlier one
  TraceContext trace{};              ///< what asked for it
  std::optional<Uuid> generation{};  ///< of the store in whose log the request stands: another one may not know the order
};

/// Has outside steps performed. No answer by the deadline is `unknown`.
/// Thread-safety: all calls on the owner's executor.
class StepExecutor {
 public:
  virtual ~StepExecutor() = default;
  virtual Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) = 0;
};

}  // namespace edda
