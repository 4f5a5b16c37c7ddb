#pragma once

#include "base/ids.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"
#include "turn/order_case.hpp"

namespace edda::lanes {

/// Folds one order's whole story from the log: the order's stream names the payment and the sagas, the payment's the refunds.
/// An order that does not exist gives an empty case. Errors: those of the store; corrupt.
Task<Result<turn::OrderCase>> load_case(EventStore& store, OrderId order, Deadline deadline);

/// The same, as it was right after the order stream's version `order_version` and everything stored with or before it.
Task<Result<turn::OrderCase>> load_case_at(EventStore& store, OrderId order, Position up_to, Deadline deadline);

}  // namespace edda::lanes
