#pragma once

#include <array>
#include <string_view>

/// The statements of put_replaced_views().
namespace edda::postgres {

struct ReplacedView {
  std::string_view name;
  std::string_view select;
  std::string_view instead;  ///< what to do instead of changing it; without a quotation mark
};

/// The types of the replaced system's columns, where they are missing.
extern const std::string_view replaced_types_sql;
/// What the views are made of, in schema edda. A user who may read the views needs no right to any of it.
extern const std::string_view replaced_helpers_sql;
extern const std::array<ReplacedView, 5> replaced_views;

}  // namespace edda::postgres
