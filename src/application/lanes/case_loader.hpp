#pragma once

#include <optional>

#include "base/ids.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"
#include "turn/order_case.hpp"

namespace edda::lanes {

struct LoadedCase {
  turn::OrderCase state;
  Timestamp created_at;  ///< of the order's first event
  Timestamp updated_at;  ///< of the order stream's last event
};

/// What a command on `subject` is decided on: the order of that id with its whole story, or the product (whose row tells all, so that
/// this costs one read however much it sells). Errors: those of the store; corrupt.
Task<Result<turn::OrderCase>> load_subject(EventStore& store, const Uuid& subject, bool is_product, Deadline deadline);

/// Folds one order's whole story from the log: the order's stream names the payment and the sagas, the payment's the refunds.
/// `up_to`: as it was right after that position of its shard, which is the end of a turn; without one, where the shard's log ends now. Its
/// streams are read one after the other: what is committed meanwhile is in none of them. An order that does not exist gives an empty case.
/// Errors: those of the store; corrupt.
Task<Result<LoadedCase>> load_case(EventStore& store, OrderId order, Deadline deadline,
                                   std::optional<Position> up_to = std::nullopt);

/// The event that stands in the stream at that version. Errors: those of the store; corrupt where there is none.
Task<Result<RecordedEvent>> event_at(EventStore& store, StreamId stream, StreamVersion version, Deadline deadline);

}  // namespace edda::lanes
