#pragma once

#include "wiring/storage.hpp"

namespace edda::wiring {

/// The store of one machine, in the data folder. Errors: those of sqlite::Database and sqlite::SqliteStore.
Result<Storage> open_sqlite(Foundation& base);

}  // namespace edda::wiring
