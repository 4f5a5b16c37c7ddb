#include "postgres/event_rows.hpp"

namespace edda::postgres {

RecordedEvent recorded_event(const Row& row, int first) {
  return RecordedEvent{
      .shard = ShardId{static_cast<std::uint16_t>(row.integer(first))},
      .position = Position{row.integer(first + 1)},
      .stream = row.id<StreamId>(first + 2),
      .version = StreamVersion{row.integer(first + 3)},
      .type = row.text(first + 4),
      .at = row.timestamp(first + 5),
      .node = row.text(first + 6),
      .turn = row.id<TurnId>(first + 7),
      .correlation = row.id<OrderId>(first + 8),
      .causation = row.is_null(first + 9) ? std::nullopt : std::optional(row.id<TurnId>(first + 9)),
      .data = row.text(first + 10),
  };
}

std::vector<RecordedEvent> recorded_events(const Rows& rows) {
  std::vector<RecordedEvent> events;
  events.reserve(rows.size());
  for (const Row row : rows) events.push_back(recorded_event(row));
  return events;
}

}  // namespace edda::postgres
