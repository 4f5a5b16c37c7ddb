#pragma once

#include <string>
#include <vector>

#include "maintenance/import.hpp"

namespace edda::import {

struct Options {
  std::string from;                ///< libpq's URL or conninfo of the replaced system's database
  std::string to;                  ///< the same of the new store's database, or a data folder; empty: schema edda of the same database
  std::string time_zone = "UTC";   ///< of the replaced system's times
  std::string currency = "USD";    ///< of its amounts
  std::uint16_t shards = 16;       ///< of a store that is made in PostgreSQL
};

/// Imports the replaced system into a store; see maintenance::import_system. Blocks. A folder is locked meanwhile.
/// Errors: also already_exists (a server has the folder open).
Result<maintenance::ImportReport> import_database(const Options& options, const maintenance::ImportListener& listener);

/// `edda import ARGUMENTS`. Returns the exit code: 0 only when everything came over and both sides say the same.
int run_import(const std::vector<std::string>& arguments);

}  // namespace edda::import
