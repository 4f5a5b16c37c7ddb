#pragma once

#include "wiring/storage.hpp"

namespace edda::wiring {

/// The store that several nodes share, on the PostgreSQL server of the configuration; made there when there is none.
/// Errors: those of postgres::migrate and of opening the store.
Task<Result<Storage>> open_postgres(Foundation& base);

/// Whether the store that the configuration names on a PostgreSQL server is there, as this release would have it. Makes and changes nothing.
/// Blocks. Errors: those of postgres::find_schema and of connecting.
Result<void> find_postgres(const config::Loaded& loaded);

}  // namespace edda::wiring
