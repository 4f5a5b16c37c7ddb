#pragma once

#include <functional>

#include "ports/view_rebuild.hpp"
#include "sqlite/appender.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// Makes the views what the log says, while the store goes on serving. A row is a function of ONE stream and is written
/// in the transaction that writes the stream, so each stream can be compared on its own, in a short read, and only what
/// differs is written again, in a short transaction that folds the stream anew. Stopped half-way it leaves nothing
/// behind, and can be started again.
Task<Result<RebuildReport>> rebuild_views(Database& database, Appender& appender, StreamFold fold, bool compare_only,
                                          std::function<void(std::int64_t)> progress, Deadline deadline);

}  // namespace edda::sqlite
