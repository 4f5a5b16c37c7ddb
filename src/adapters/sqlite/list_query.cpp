#include "sqlite/list_query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ports/read_limits.hpp"

namespace edda::sqlite {

void ListQuery::where(std::string_view condition, std::variant<std::int64_t, std::string, Uuid> parameter) {
  where(condition);
  parameters_.push_back(std::move(parameter));
}

void ListQuery::where(std::string_view condition) {
  conditions_ += fmt::format(" AND {}", condition);
  only_statuses_ = false;
}

void ListQuery::where_status(std::vector<std::string> names) {
  if (names.empty()) return;
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  // Names of our own enumerations, never text from outside: written out, so that the partial indexes can be recognised.
  conditions_ += fmt::format(" AND w.status IN ('{}')", fmt::join(names, "', '"));
  statuses_ = std::move(names);
}

void ListQuery::require_status(std::string_view quoted_names) {
  conditions_ += fmt::format(" AND w.status IN ({})", quoted_names);
}

std::string ListQuery::source() const {
  const std::string index = index_.empty() ? std::string("NOT INDEXED") : fmt::format("INDEXED BY {}", index_);
  return fmt::format("FROM {}_view w {} WHERE true{}", kind_, index, conditions_);
}

// The rows of the page are chosen before anything is joined to them, or every skipped row would be joined too.
std::string ListQuery::page_sql(std::string_view columns, std::string_view join, const ListWindow& window) const {
  const std::string_view after = window.after ? " AND (w.created_at, w.id) < (?, ?)" : "";
  return fmt::format(
      "SELECT {} FROM (SELECT w.* {}{} ORDER BY w.created_at DESC, w.id DESC LIMIT ? OFFSET ?) v {}"
      " ORDER BY v.created_at DESC, v.id DESC",
      columns, source(), after, join);
}

int ListQuery::bind_conditions(Statement& statement) const {
  int index = 0;
  for (const auto& parameter : parameters_) {
    std::visit([&](const auto& value) { statement.bind_at(++index, value); }, parameter);
  }
  return index;
}

void ListQuery::bind_page(Statement& statement, const ListWindow& window) const {
  int index = bind_conditions(statement);
  if (window.after) {
    statement.bind_at(++index, window.after->created_at);
    statement.bind_at(++index, window.after->id);
  }
  statement.bind_at(++index, std::min(window.limit, list_rows_max) + 1);
  statement.bind_at(++index, std::min<std::size_t>(window.offset, 1'000'000'000));
}

Result<std::int64_t> ListQuery::total(Connection& connection) const {
  if (only_statuses_) return total_by_status(connection);
  TRY(Statement * query, connection.statement(fmt::format("SELECT count(*) {}", source())));
  bind_conditions(*query);
  Rows rows = query->query();
  TRY_VOID(rows.next());
  return rows.integer(0);
}

Result<std::int64_t> ListQuery::total_by_status(Connection& connection) const {
  TRY(Statement * query, connection.statement("SELECT name, n FROM totals WHERE kind = ?"));
  Rows rows = query->query(kind_);
  std::int64_t total = 0;
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return total;
    const bool counts = statuses_.empty() || std::ranges::find(statuses_, rows.text_view(0)) != statuses_.end();
    if (counts) total += rows.integer(1);
  }
}

Result<bool> ListQuery::may_match(Connection& connection) const {
  if (statuses_.empty()) return true;
  TRY(const std::int64_t n, total_by_status(connection));
  return n > 0;
}

}  // namespace edda::sqlite
