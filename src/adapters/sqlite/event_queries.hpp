#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/event_store.hpp"
#include "sqlite/connection.hpp"

namespace edda::sqlite {

// Reading the log; see EventStore for what each answers.

Result<std::vector<RecordedEvent>> read_stream(Connection& connection, StreamId stream, StreamVersion after,
                                               std::size_t limit);
/// All of a stream's events, however many.
Result<std::vector<RecordedEvent>> read_whole_stream(Connection& connection, StreamId stream);
Result<std::vector<RecordedEvent>> read_shard(Connection& connection, ShardId shard, Position after, std::size_t limit);
Result<EventStore::Backwards> read_shard_backwards(Connection& connection, ShardId shard, Position before,
                                                   const std::optional<std::string>& type, std::size_t limit,
                                                   std::size_t scan_limit);
Result<std::vector<Position>> last_positions(Connection& connection);
Result<std::optional<StoredKey>> find_key(Connection& connection, const Digest128& key);

/// The columns of `recorded_event`, in its order.
inline constexpr std::string_view event_columns =
    "place, stream, version, type, at, node, turn, correlation, causation, data";
RecordedEvent recorded_event(const Row& row);

}  // namespace edda::sqlite
