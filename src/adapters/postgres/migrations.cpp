#include "postgres/migrations.hpp"

#include <fmt/format.h>

namespace edda::postgres {
namespace {

// Any number that no other program of the same database uses: "edda" in ASCII.
constexpr std::int64_t migration_lock = 0x65646461;

// Waits for another node's migration as long as the deadline lets it.
Task<Result<void>> lock_schema(Connection& connection, Deadline deadline) {
  CO_TRY_VOID(co_await connection.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0", Effect::read,
                                          deadline));
  CO_TRY_VOID(co_await connection.read("SELECT pg_advisory_xact_lock($1)", params(migration_lock), deadline));
  // CREATE SCHEMA asks for a right that whoever finds the schema made does not need.
  CO_TRY(const Rows found, co_await connection.read("SELECT 1 FROM pg_namespace WHERE nspname = 'edda'", {}, deadline));
  if (found.empty()) CO_TRY_VOID(co_await connection.execute("CREATE SCHEMA edda", Effect::read, deadline));
  co_return co_await connection.execute(
      "CREATE TABLE IF NOT EXISTS edda.schema_migrations(number integer PRIMARY KEY, name text NOT NULL)", Effect::read,
      deadline);
}

Task<Result<int>> number_present(Connection& connection, Deadline deadline) {
  CO_TRY(const Rows rows, co_await connection.read("SELECT coalesce(max(number), 0) FROM edda.schema_migrations", {},
                                                   deadline));
  co_return static_cast<int>(rows.front().integer(0));
}

std::unexpected<Error> too_new(int present, int known) {
  return fail(Errc::invalid_argument,
              fmt::format("The store was written by a newer Edda (schema {}, this one knows {}): start that version, or a "
                          "later one, on it.",
                          present, known),
              {}, "schema_too_new");
}

/// Applies the first migration that is missing; false when none is.
Task<Result<bool>> apply_next(Connection& connection, const std::vector<Migration>& migrations, Deadline deadline) {
  CO_TRY_VOID(co_await lock_schema(connection, deadline));
  CO_TRY(const int present, co_await number_present(connection, deadline));
  const int known = migrations.empty() ? 0 : migrations.back().number;
  if (present > known) co_return too_new(present, known);
  for (const Migration& migration : migrations) {
    if (migration.number <= present) continue;
    CO_TRY_VOID(co_await connection.execute(std::string(migration.sql), Effect::read, deadline));
    CO_TRY_VOID(co_await connection.read("INSERT INTO edda.schema_migrations(number, name) VALUES ($1, $2)",
                                         params(migration.number, migration.name), deadline));
    co_return true;
  }
  co_return false;
}

}  // namespace

Task<Result<void>> migrate(Pool& pool, const std::vector<Migration>& migrations, Deadline deadline) {
  for (;;) {
    CO_TRY(const bool applied, co_await pool.transaction(
                                   [&](Connection& connection) { return apply_next(connection, migrations, deadline); },
                                   deadline));
    if (!applied) co_return Result<void>();
  }
}

Task<Result<void>> find_schema(Connection& connection, Deadline deadline) {
  const auto none = [] { return fail(Errc::not_found, "There is no store in this database."); };
  CO_TRY(const Rows made, co_await connection.read("SELECT to_regclass('edda.store') IS NOT NULL", {}, deadline));
  if (!made.front().boolean(0)) co_return none();
  CO_TRY(const Rows stores, co_await connection.read("SELECT FROM edda.store", {}, deadline));
  if (stores.empty()) co_return none();
  CO_TRY(const int present, co_await number_present(connection, deadline));
  const int known = embedded_migrations().back().number;
  if (present > known) co_return too_new(present, known);
  if (present < known) {
    co_return fail(Errc::invalid_argument, "The store was written by an older Edda: bring it up to date first (edda migrate).", {}, "schema_too_old");
  }
  co_return Result<void>();
}

}  // namespace edda::postgres
