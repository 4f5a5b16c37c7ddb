#pragma once

#include "base/result.hpp"

struct sqlite3;

namespace edda::sqlite {

/// What a result code of SQLite means to the caller: `unavailable` (busy, disk full, I/O, memory, past its deadline;
/// reason "store_full" for a full disk), `corrupt`, `already_exists` (a UNIQUE or PRIMARY KEY constraint; `where` is
/// "table.column[, ...]"), `invalid_argument` (data the schema refuses), `internal` otherwise. `db` may be null; then
/// nothing but the code is known.
Error error_of(int code, sqlite3* db);

}  // namespace edda::sqlite
