#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "sqlite/database.hpp"

namespace edda::sqlite {

/// Copies the store while it is served into a new folder `to`, which is one to be served: as the store stands when the last page is copied.
/// Writers wait for some milliseconds at a time. The copy is of no generation (R11): whoever serves it first gives it one of its own.
/// `beside`: files that only grow, which are copied as they are at that same moment, when nobody can commit; those that are missing are
/// left out. `progress`: MiB copied so far. The folder is there, and on the disk, when this returns; nothing of it is where this fails.
/// Returns the bytes of the store. Errors: already_exists, unavailable (no room, the deadline has passed), cancelled, corrupt.
Task<Result<std::int64_t>> back_up(Database& database, std::filesystem::path to, std::vector<std::filesystem::path> beside,
                                   std::function<void(std::int64_t)> progress, Deadline deadline);

}  // namespace edda::sqlite
