#include "postgres/list_query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ports/read_limits.hpp"

namespace edda::postgres {

void ListQuery::add(std::string_view condition) {
  conditions_ += fmt::format(" AND {}", fmt::format(fmt::runtime(condition), fmt::format("${}", parameters_.size())));
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

std::string ListQuery::source() const { return fmt::format("FROM {}_view w WHERE true{}", kind_, conditions_); }

Params ListQuery::parameters() const {
  Params all;
  for (const auto& add : parameters_) add(all);
  return all;
}

// The rows of the page are chosen before anything is joined to them, or every skipped row would be joined too.
std::string ListQuery::page_sql(std::string_view columns, std::string_view join, std::string_view weight,
                                const ListWindow& window) const {
  std::size_t next = parameters_.size();
  std::string after;
  if (window.after) {
    after = fmt::format(" AND (w.created_at, w.id) < (${}, ${})", next + 1, next + 2);
    next += 2;
  }
  return fmt::format(
      "SELECT * FROM (SELECT {0}, count(*) OVER () AS page_rows,"
      " sum({1}) OVER (ORDER BY v.created_at DESC, v.id DESC) - {1} AS page_bytes"
      " FROM (SELECT w.* {2}{3} ORDER BY w.created_at DESC, w.id DESC LIMIT ${4} OFFSET ${5}) v {6}) p"
      " WHERE p.page_bytes <= {7} ORDER BY p.created_at DESC, p.id DESC",
      columns, weight, source(), after, next + 1, next + 2, join, answer_bytes_max);
}

Params ListQuery::page_parameters(const ListWindow& window) const {
  Params all = parameters();
  if (window.after) all.add(window.after->created_at).add(window.after->id);
  return all.add(std::min(window.limit, list_rows_max) + 1).add(std::min<std::size_t>(window.offset, 1'000'000'000));
}

Task<Result<std::int64_t>> ListQuery::total(Connection& connection, Deadline deadline) const {
  if (only_statuses_) co_return co_await total_by_status(connection, deadline);
  CO_TRY(const Rows rows, co_await connection.read(fmt::format("SELECT count(*) {}", source()), parameters(), deadline));
  co_return rows.front().integer(0);
}

Task<Result<std::int64_t>> ListQuery::total_by_status(Connection& connection, Deadline deadline) const {
  CO_TRY(const Rows rows,
         co_await connection.read("SELECT name, sum(n)::bigint FROM totals WHERE kind = $1 GROUP BY name", params(kind_),
                                  deadline));
  std::int64_t total = 0;
  for (const Row& row : rows) {
    const bool counts = statuses_.empty() || std::ranges::find(statuses_, row.text_view(0)) != statuses_.end();
    if (counts) total += row.integer(1);
  }
  co_return total;
}

Task<Result<bool>> ListQuery::may_match(Connection& connection, Deadline deadline) const {
  if (statuses_.empty()) co_return true;
  CO_TRY(const std::int64_t n, co_await total_by_status(connection, deadline));
  co_return n > 0;
}

}  // namespace edda::postgres
