#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ports/task.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// One step of the schema's history: the file migrations/NNNN_name.sql.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;
};

/// All migrations this binary knows, ascending.
const std::vector<Migration>& embedded_migrations();

/// Makes the schema `edda` and brings it up to the last of `migrations`; each is applied and recorded in one transaction, under a lock
/// that makes nodes which start at once wait for one another.
/// Errors: invalid_argument (reason "schema_too_new") when a newer Edda has written the store, (reason "database_refuses") when the user
/// may not create the schema; nothing is changed then. unavailable.
Task<Result<void>> migrate(Pool& pool, const std::vector<Migration>& migrations, Deadline deadline);
inline Task<Result<void>> migrate(Pool& pool, Deadline deadline) {
  return migrate(pool, embedded_migrations(), deadline);
}

/// Whether a store of this release's schema stands in the database. Makes and changes nothing.
/// Errors: not_found (there is none), invalid_argument (reason "schema_too_new", "schema_too_old"), unavailable.
Task<Result<void>> find_schema(Connection& connection, Deadline deadline);

}  // namespace edda::postgres
