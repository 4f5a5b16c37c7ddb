#include "sqlite/migrations.hpp"

#include <fmt/format.h>

#include "base/failpoint.hpp"

namespace edda::sqlite {
namespace {

Result<void> apply(Connection& connection, const Migration& migration) {
  TRY(Transaction transaction, Transaction::begin(connection));
  TRY_VOID(connection.execute(std::string(migration.sql)));
  TRY(Statement record, connection.prepare("INSERT INTO schema_migrations(number, name) VALUES (?, ?)"));
  TRY_VOID(record.run(migration.number, migration.name));
  EDDA_FAILPOINT("migration.before_commit", migration.name);
  TRY_VOID(transaction.commit());
  EDDA_FAILPOINT("migration.after_commit", migration.name);
  return {};
}

}  // namespace

Result<void> migrate(Connection& connection, const std::vector<Migration>& migrations) {
  TRY_VOID(connection.execute(
      "CREATE TABLE IF NOT EXISTS schema_migrations(number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"));
  TRY(const std::int64_t present, connection.integer("SELECT max(number) FROM schema_migrations"));
  const int known = migrations.empty() ? 0 : migrations.back().number;
  if (present > known) {
    return fail(
        Errc::invalid_argument,
        fmt::format("The store was written by a newer Edda (schema {}, this one knows {}): start that version, or a "
                    "later one, on it.",
                    present, known),
        {}, "schema_too_new");
  }
  for (const Migration& migration : migrations) {
    if (migration.number > present) TRY_VOID(apply(connection, migration));
  }
  return {};
}

}  // namespace edda::sqlite
