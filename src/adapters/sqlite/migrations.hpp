#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sqlite/connection.hpp"

namespace edda::sqlite {

/// One step of the schema's history: the file migrations/NNNN_name.sql.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;
};

/// All migrations this binary knows, ascending.
const std::vector<Migration>& embedded_migrations();

/// Brings the schema up to the last of `migrations`; each is applied and recorded in one transaction.
/// Errors: invalid_argument (reason "schema_too_new") when a newer Edda has written the file; nothing is changed then.
Result<void> migrate(Connection& connection, const std::vector<Migration>& migrations = embedded_migrations());

}  // namespace edda::sqlite
