#pragma once

#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "eventsourcing/event.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_support.hpp"

/// What the routes that show events share.
namespace edda::http::v1 {

inline constexpr std::size_t event_rows_default = 100;
inline constexpr std::size_t event_rows_max = 1'000;

// Kinds of cursors (CursorScope::kind).
inline constexpr char log_cursor_kind = 'e';     ///< positions, in all shards
inline constexpr char story_cursor_kind = 'y';   ///< a position in the order's shard
inline constexpr char stream_cursor_kind = 'v';  ///< a version

const RecordedEvent& event_of(const RecordedEvent& event);
const RecordedEvent& event_of(const queries::EventPtr& event);

template <class Events>
void write_events(JsonWriter& json, const Events& events) {
  json.key("events").begin_array();
  for (const auto& event : events) write_event(json, event_of(event));
  json.end_array();
}

struct StreamPage {
  std::vector<RecordedEvent> events;
  bool has_more = false;
  std::string next_cursor;
};
/// The page of one stream that ?cursor= and ?limit= ask for. Errors: invalid_argument, and the store's.
Task<Result<StreamPage>> stream_page(Context context, const Request& request, StreamId stream);

/// The order of the path, if the caller may see it.
Task<Result<OrderId>> visible_order_id(Context context, const Request& request);
/// ?type=, ?stream=, ?correlation_id= (an order's id, or an old client's key), and what the caller may see.
Task<Result<queries::EventQuery>> event_query(Context context, const Request& request);
/// The place that `cursor` tells, or the given one without. Errors: invalid_argument.
Result<queries::Positions> parse_log_place(Context context, std::optional<std::string_view> cursor,
                                           queries::Positions otherwise);

}  // namespace edda::http::v1
