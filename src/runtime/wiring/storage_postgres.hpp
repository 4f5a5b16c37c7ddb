#pragma once

#include "wiring/storage.hpp"

namespace edda::wiring {

/// The store that several nodes share, on the PostgreSQL server of the configuration; made there when there is none.
/// Errors: those of postgres::migrate and of opening the store.
Task<Result<Storage>> open_postgres(Foundation& base);

}  // namespace edda::wiring
