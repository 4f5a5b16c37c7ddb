#pragma once

#include "base/result.hpp"
#include "ports/task.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// Makes the views `orders`, `payments`, `saga_instances`, `event_store` and `users` in schema `public`, with the columns and types of the
/// replaced system's tables, so that its reports read on: docs/import.md. They say what the unversioned routes say. Changing them is
/// refused, with what to do instead. Secrets are not shown.
///
/// Each is made only where nothing has its name; nothing is made where the user may not make it. Nodes that start at once wait for one
/// another. No migration: a release that knows nothing of the views starts on the store as well.
/// Errors: unavailable, internal.
Task<Result<void>> put_replaced_views(Pool& pool, Deadline deadline);

}  // namespace edda::postgres
