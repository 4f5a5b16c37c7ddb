#pragma once

#include <string>
#include <vector>

#include "maintenance/copy.hpp"

namespace edda::copy {

struct Options {
  std::string from;          ///< the data folder, or the file in it
  std::string to;            ///< libpq's URL or conninfo of the database
  std::uint16_t shards = 16; ///< of the store that is made
};

/// Copies the store of a data folder into a database; see maintenance::copy_store. Blocks. The folder is locked meanwhile.
/// Errors: also not_found (no store in the folder), already_exists (a server has the folder open).
Result<maintenance::CopyReport> copy_folder(const Options& options, maintenance::CopyProgress progress);

/// `edda copy ARGUMENTS`. Returns the exit code: 0 only when the copy is one.
int run_copy(const std::vector<std::string>& arguments);

}  // namespace edda::copy
