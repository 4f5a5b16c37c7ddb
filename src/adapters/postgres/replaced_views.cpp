#include "postgres/replaced_views.hpp"

#include <fmt/format.h>

#include "postgres/replaced_views_sql.hpp"

namespace edda::postgres {
namespace {

// Any number that no other program of the same database uses, and no other lock of this one.
constexpr std::int64_t views_lock = 0x65646462;

// Read from the catalogue: to_regclass() would answer from before the lock was waited for.
constexpr std::string_view missing_sql = R"sql(
SELECT name FROM unnest(string_to_array($1, ' ')) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = to_regnamespace('public'))
  AND has_schema_privilege(to_regnamespace('public')::oid, 'CREATE') AND has_schema_privilege('edda', 'CREATE'))sql";

Task<Result<Rows>> missing(Connection& connection, Deadline deadline) {
  std::string names;
  for (const ReplacedView& view : replaced_views) names += fmt::format("{}{}", names.empty() ? "" : " ", view.name);
  co_return co_await connection.read(missing_sql, params(names), deadline);
}

std::string made(const ReplacedView& view) {
  return fmt::format("CREATE VIEW public.{0} AS {1};\n"
                     "COMMENT ON VIEW public.{0} IS 'What Edda keeps, in the columns of the system that it replaced. Read only.';\n"
                     // The rewriter asks for the second; only the first is heard where no row is concerned.
                     "CREATE TRIGGER refuse_statement BEFORE INSERT OR UPDATE OR DELETE ON public.{0}"
                     " FOR EACH STATEMENT EXECUTE FUNCTION edda.refuse_change('{2}');\n"
                     "CREATE TRIGGER refuse_row INSTEAD OF INSERT OR UPDATE OR DELETE ON public.{0}"
                     " FOR EACH ROW EXECUTE FUNCTION edda.refuse_change('{2}')",
                     view.name, view.select, view.instead);
}

Task<Result<void>> put(Connection& connection, Deadline deadline) {
  CO_TRY_VOID(co_await connection.read("SELECT pg_advisory_xact_lock($1)", params(views_lock), deadline));
  CO_TRY(const Rows rows, co_await missing(connection, deadline));
  if (rows.empty()) co_return Result<void>();
  CO_TRY_VOID(co_await connection.execute(std::string(replaced_types_sql), Effect::read, deadline));
  CO_TRY_VOID(co_await connection.execute(std::string(replaced_helpers_sql), Effect::read, deadline));
  for (const Row row : rows) {
    for (const ReplacedView& view : replaced_views) {
      if (view.name == row.text_view(0)) CO_TRY_VOID(co_await connection.execute(made(view), Effect::read, deadline));
    }
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> put_replaced_views(Pool& pool, Deadline deadline) {
  const auto look = [deadline](Connection& connection) { return missing(connection, deadline); };
  CO_TRY(const Rows rows, co_await pool.with(look, deadline));
  if (rows.empty()) co_return Result<void>();
  co_return co_await pool.transaction([deadline](Connection& connection) { return put(connection, deadline); }, deadline);
}

}  // namespace edda::postgres
