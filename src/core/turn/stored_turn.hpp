#pragma once

#include <vector>

#include "eventsourcing/event.hpp"
#include "turn/turn.hpp"
#include "views/rows.hpp"

namespace edda::turn {

/// A decision in the form a store takes: encoded events, and the rows of every stream they changed.
struct Encoded {
  std::vector<NewEvent> events;
  std::vector<OrderRow> orders;
  std::vector<PaymentRow> payments;
  std::vector<SagaRow> sagas;
  std::vector<ProductRow> products;
};
Encoded encode(const Decision& decision);

/// The row of one stream, folded from all of its events; what a rebuild writes and what `edda verify` compares with.
/// Errors: corrupt.
Result<Encoded> rows_of_stream(const std::vector<RecordedEvent>& stream);

}  // namespace edda::turn
