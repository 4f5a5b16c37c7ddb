#pragma once

#include <vector>

#include "ports/view_rebuild.hpp"
#include "turn/stored_turn.hpp"

namespace edda::maintenance {

/// The rows of the views that the events of one stream make: a StreamFold. Errors: those of rows_of_stream.
inline Result<StreamRows> fold_stream(const std::vector<RecordedEvent>& stream) {
  TRY(auto rows, turn::rows_of_stream(stream));
  return StreamRows{std::move(rows.orders), std::move(rows.payments), std::move(rows.sagas), std::move(rows.products)};
}

}  // namespace edda::maintenance
