#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ports/read_models.hpp"
#include "sqlite/connection.hpp"

namespace edda::sqlite {

/// The WHERE of one list with its parameters, from which both the page and its total are asked.
class ListQuery {
 public:
  /// `kind` is the view's name in totals ("order" for order_view).
  explicit ListQuery(std::string_view kind) : kind_(kind) {}

  /// Adds a condition with one parameter, written as "?".
  void where(std::string_view condition, std::variant<std::int64_t, std::string, Uuid> parameter);
  /// Adds a condition without parameter.
  void where(std::string_view condition);
  /// Restricts to `names`; no restriction when empty.
  void where_status(std::vector<std::string> names);
  /// Repeats, word for word, the condition of the partial index to be used: SQLite recognises only that. Restricts
  /// nothing further.
  void require_status(std::string_view quoted_names);
  /// Which index to read; the default is the view itself, which lies in the order of the lists.
  void use_index(std::string_view name) { index_ = name; }

  /// The page's SQL: `columns` of the view as v, joined with `join`, newest first, one row more than the window asks
  /// for.
  std::string page_sql(std::string_view columns, std::string_view join, const ListWindow& window) const;
  void bind_page(Statement& statement, const ListWindow& window) const;

  /// From the totals when only statuses restrict, else by counting.
  Result<std::int64_t> total(Connection& connection) const;
  /// False when the totals say that no row has one of the statuses: then nothing needs to be searched.
  Result<bool> may_match(Connection& connection) const;

 private:
  std::string source() const;
  int bind_conditions(Statement& statement) const;
  Result<std::int64_t> total_by_status(Connection& connection) const;

  std::string kind_;
  std::string index_;
  std::string conditions_;
  std::vector<std::variant<std::int64_t, std::string, Uuid>> parameters_;
  std::vector<std::string> statuses_;
  bool only_statuses_ = true;
};

}  // namespace edda::sqlite
