#pragma once

#include <string_view>

#include "http/routes/v1_render.hpp"
#include "http/routes/v1_support.hpp"
#include "ports/read_limits.hpp"
#include "queries/row_reader.hpp"

namespace edda::http::v1 {

/// The conditions that orders and payments share: what the caller may see, and ?status=.
template <class Filter, class Status>
Result<Filter> row_filter(const Request& request, std::optional<Status> (*parse)(std::string_view)) {
  Filter filter;
  filter.user = visibility_of(request).only;
  TRY(const auto status, enum_query<Status>(request, "status", parse));
  if (status) filter.statuses = {*status};
  return filter;
}

/// A page of a list: `name` holds the rows, then come has_more and next_cursor. A page that grows beyond answer_bytes_max ends early,
/// and its cursor goes on from there.
template <class Record>
Task<Result<Response>> list_page(std::string_view name, queries::CursorScope scope, queries::RowReader<Record> rows,
                                 void (*write)(JsonWriter&, const Record&)) {
  JsonWriter json;
  json.begin_object().key(name).begin_array();
  std::string last;
  while (json.text().size() <= answer_bytes_max) {
    CO_TRY(const auto row, co_await rows.next());
    if (!row) break;
    write(json, *row);
    last = queries::list_cursor(scope, ListCursor{row->created_at, row->row.id.value});
  }
  json.end_array();
  write_page_end(json, rows.has_more(), rows.has_more() ? last : std::string());
  json.end_object();
  co_return json_text(200, json.take());
}

}  // namespace edda::http::v1
