#pragma once

#include <optional>

#include "ports/event_store.hpp"
#include "ports/read_models.hpp"

namespace edda::queries {

// Rows by the id they have, or by the one they had in the replaced system (an import's alias: see docs/import.md). An id that is found
// costs nothing more for that. Errors: those of the stores.

Task<Result<std::optional<PaymentRecord>>> find_payment(ReadModels& views, EventStore& store, PaymentId id, Deadline deadline);
Task<Result<std::optional<SagaRecord>>> find_saga(ReadModels& views, EventStore& store, SagaId id, Deadline deadline);

/// Whether an import may have made this id: it makes them of version 5, everybody else of version 7.
bool may_be_imported(const Uuid& id);
/// The id that the replaced system had for the payment or saga that is now in this stream; the stream's own where it had none.
/// Errors: unavailable, corrupt.
Task<Result<Uuid>> replaced_id(EventStore& store, Uuid stream, Deadline deadline);

}  // namespace edda::queries
