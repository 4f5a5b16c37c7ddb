#pragma once

#include "ports/store_check.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// See StoreCheck::check_log. Reads in short pieces, so that the write-ahead log is never held back for long.
Task<Result<StoreFindings>> check_log(Database& database, Deadline deadline);

}  // namespace edda::sqlite
