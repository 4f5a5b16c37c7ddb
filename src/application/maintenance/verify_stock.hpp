#pragma once

#include <vector>

#include "eventsourcing/event.hpp"
#include "maintenance/verify_report.hpp"
#include "ports/event_store.hpp"
#include "stock/stock.hpp"
#include "turn/order_case.hpp"

/// What `edda verify` thinks of products and of what orders hold of them.
namespace edda::maintenance {

/// Holds a product's sums against its own events: available + held is what was adjusted, held is what was reserved and not released,
/// nothing is negative. `events` is its whole stream, `state` their fold. Orders that hold something are added to `holding`. Pure.
void judge_product(VerifyCheck& check, const std::vector<RecordedEvent>& events, const stock::State& state,
                   std::vector<OrderId>& holding);

/// Whether an order that was cancelled still holds stock although none of its sagas is left to give it back. Command rows never change, so
/// this may be asked while the log grows. Errors: those of the store; corrupt.
Task<Result<void>> judge_held(VerifyCheck& check, EventStore& store, const turn::OrderCase& state, Deadline deadline);

}  // namespace edda::maintenance
