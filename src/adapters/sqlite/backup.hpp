#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "sqlite/database.hpp"

namespace edda::sqlite {

/// Copies the store into a new file while it is served: as it stands when the last page is copied. Writers wait for some milliseconds at a
/// time. The copy is of no generation (R11): whoever serves it first gives it one of its own. It is on the disk when this returns; `to`
/// must not exist, and does not where this fails.
/// `progress`: MiB copied so far. `at_end` is called at the moment of which the copy is: nobody can commit until it returns.
/// Returns the bytes of the file. Errors: already_exists, unavailable (no room, the deadline has passed), cancelled, corrupt.
Task<Result<std::int64_t>> back_up(Database& database, std::filesystem::path to, std::function<void(std::int64_t)> progress,
                                   std::function<void()> at_end, Deadline deadline);

}  // namespace edda::sqlite
