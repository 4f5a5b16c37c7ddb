#include "sqlite/event_queries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ports/read_limits.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

Result<std::vector<RecordedEvent>> collect(Rows rows) {
  std::vector<RecordedEvent> events;
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return events;
    events.push_back(recorded_event(rows));
  }
}

}  // namespace

RecordedEvent recorded_event(const Row& row) {
  const std::int64_t place = row.integer(0);
  return RecordedEvent{
      .shard = shard_of_place(place),
      .position = position_of_place(place),
      .stream = row.id<StreamId>(1),
      .version = StreamVersion{row.integer(2)},
      .type = row.text(3),
      .at = row.timestamp(4),
      .node = row.text(5),
      .turn = row.id<TurnId>(6),
      .correlation = row.id<OrderId>(7),
      .causation = row.is_null(8) ? std::nullopt : std::optional(row.id<TurnId>(8)),
      .data = row.text(9),
  };
}

Result<std::vector<RecordedEvent>> read_stream(Connection& connection, StreamId stream, StreamVersion after,
                                               std::size_t limit) {
  static const std::string sql =
      fmt::format("SELECT {} FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?", event_columns);
  TRY(Statement * query, connection.statement(sql));
  return collect(query->query(stream, after, std::min(limit, events_read_max)));
}

Result<std::vector<RecordedEvent>> read_whole_stream(Connection& connection, StreamId stream) {
  static const std::string sql = fmt::format("SELECT {} FROM events WHERE stream = ? ORDER BY version", event_columns);
  TRY(Statement * query, connection.statement(sql));
  return collect(query->query(stream));
}

Result<std::vector<RecordedEvent>> read_shard(Connection& connection, ShardId shard, Position after,
                                              std::size_t limit) {
  static const std::string sql =
      fmt::format("SELECT {} FROM events WHERE place > ? AND place < ? ORDER BY place LIMIT ?", event_columns);
  TRY(Statement * query, connection.statement(sql));
  const std::int64_t end = place_of(ShardId{static_cast<std::uint16_t>(shard.value + 1)}, Position{0});
  return collect(query->query(place_of(shard, after), end, std::min(limit, events_read_max)));
}

Result<EventStore::Backwards> read_shard_backwards(Connection& connection, ShardId shard, Position before,
                                                   const std::optional<std::string>& type, std::size_t limit,
                                                   std::size_t scan_limit) {
  // Positions have no gaps: so many events back is so many numbers back.
  const Position end{std::clamp<std::int64_t>(before.value, 1, place_position_mask)};
  const auto scan = static_cast<std::int64_t>(std::min(scan_limit, events_read_max));
  static const std::string sql = fmt::format(
      "SELECT {} FROM events WHERE place >= ? AND place < ?"
      " AND (?3 IS NULL OR type = ?3) ORDER BY place DESC LIMIT ?4",
      event_columns);
  TRY(const auto last_of, last_positions(connection));
  const std::int64_t last = shard.value < last_of.size() ? last_of[shard.value].value : 0;
  const std::int64_t upper = std::min(end.value, last + 1);
  const std::int64_t lower = std::max<std::int64_t>(upper - scan, 1);
  TRY(Statement * query, connection.statement(sql));
  EventStore::Backwards found;
  TRY(found.events, collect(query->query(place_of(shard, Position{lower}), place_of(shard, Position{upper}), type,
                                         std::min(limit, events_read_max))));
  const bool full = found.events.size() >= std::min(limit, events_read_max) && !found.events.empty();
  found.scanned_to = full ? found.events.back().position : Position{lower};
  return found;
}

Result<std::vector<Position>> last_positions(Connection& connection) {
  std::vector<Position> positions;
  TRY(Statement * query, connection.statement("SELECT last_pos FROM shards ORDER BY shard"));
  Rows rows = query->query();
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return positions;
    positions.push_back(Position{rows.integer(0)});
  }
}

Result<std::optional<StoredKey>> find_key(Connection& connection, const Digest128& key) {
  TRY(Statement * query, connection.statement("SELECT stream, version, fingerprint FROM keys WHERE key = ?"));
  Rows rows = query->query(key);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  return StoredKey{rows.id<StreamId>(0), StreamVersion{rows.integer(1)}, static_cast<std::uint64_t>(rows.integer(2))};
}

}  // namespace edda::sqlite
