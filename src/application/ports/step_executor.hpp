#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/task.hpp"
#include "saga/engine.hpp"

namespace edda {

/// One send of an outside step, with all it needs.
struct StepRequest {
  SagaId saga;
  OrderId order;
  std::string step;
  saga::Direction direction = saga::Direction::forward;
  int attempt = 1;
  saga::Action action = saga::Action::charge_payment;
  std::string key;          ///< saga / step / direction: the same for every send
  std::string forward_key;  ///< void: the key that is voided
  Money amount;
  std::vector<std::string> product_ids;
  std::string charge_reference;  ///< refund: of the charge to pay back from
};

/// Has outside steps performed. No answer by the deadline is `unknown`.
/// Thread-safety: all calls on the owner's executor.
class StepExecutor {
 public:
  virtual ~StepExecutor() = default;
  virtual Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) = 0;
};

}  // namespace edda
