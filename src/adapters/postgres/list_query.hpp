#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/read_models.hpp"
#include "postgres/connection.hpp"

namespace edda::postgres {

/// The WHERE of one list with its parameters, from which both the page and its total are asked.
class ListQuery {
 public:
  /// `kind` is the view's name in totals ("order" for order_view).
  explicit ListQuery(std::string_view kind) : kind_(kind) {}

  /// Adds a condition with one parameter, written as "{}".
  template <class T>
  void where(std::string_view condition, const T& parameter) {
    parameters_.push_back([parameter](Params& all) { all.add(parameter); });
    add(condition);
  }
  /// Restricts to `names`; no restriction when empty.
  void where_status(std::vector<std::string> names);
  /// Rows of this list have no status by which they would be counted.
  void uncounted() { only_statuses_ = false; }

  /// The page's SQL: `columns` of the view as v, joined with `join`, newest first, one row more than the window asks for. `weight`: an
  /// expression, the bytes that a row brings; the page ends after the row with which answer_bytes_max are passed. Behind the columns
  /// stands how many rows there would be without that.
  std::string page_sql(std::string_view columns, std::string_view join, std::string_view weight,
                       const ListWindow& window) const;
  Params page_parameters(const ListWindow& window) const;

  /// From the totals when only statuses restrict, else by counting.
  Task<Result<std::int64_t>> total(Connection& connection, Deadline deadline) const;
  /// False when the totals say that no row has one of the statuses: then nothing needs to be searched.
  Task<Result<bool>> may_match(Connection& connection, Deadline deadline) const;

 private:
  void add(std::string_view condition);
  std::string source() const;
  Params parameters() const;
  Task<Result<std::int64_t>> total_by_status(Connection& connection, Deadline deadline) const;

  std::string kind_;
  std::string conditions_;
  std::vector<std::function<void(Params&)>> parameters_;
  std::vector<std::string> statuses_;
  bool only_statuses_ = true;
};

}  // namespace edda::postgres
