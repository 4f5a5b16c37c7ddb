#pragma once

#include <string_view>
#include <vector>

#include "eventsourcing/event.hpp"
#include "postgres/rows.hpp"

namespace edda::postgres {

// Events as the queries select them.
inline constexpr std::string_view event_columns =
    "shard, pos, stream, version, type, at, node, turn, correlation, causation, data";

/// `first`: the column at which the event's begin.
RecordedEvent recorded_event(const Row& row, int first = 0);
std::vector<RecordedEvent> recorded_events(const Rows& rows);

}  // namespace edda::postgres
