#include "memory/event_store.hpp"

#include <algorithm>

#include "ports/read_limits.hpp"
#include "ports/turn_check.hpp"

namespace edda::memory {

void MemoryEventStore::fail_next_append(AppendFault fault) {
  const std::lock_guard guard(mutex_);
  fault_ = fault;
}

StoreInfo MemoryEventStore::info() const {
  const std::lock_guard guard(mutex_);
  return info_;
}

Task<Result<int>> MemoryEventStore::raise_feature_level(int to, Deadline) {
  CO_TRY_VOID(check_level_to_raise(to));
  const std::lock_guard guard(mutex_);
  if (info_.feature_level >= to) co_return info_.feature_level;
  CO_TRY_VOID(check_nodes_know(to, level_view().nodes));
  info_.feature_level = to;
  co_return to;
}

Task<Result<LevelView>> MemoryEventStore::look_at_level(Deadline) {
  const std::lock_guard guard(mutex_);
  co_return level_view();
}

void MemoryEventStore::fail_over(ShardId shard, Position last, Uuid generation) {
  const std::lock_guard guard(mutex_);
  info_.generation = generation;
  auto& log = shards_[shard.value].log;
  while (log.size() > static_cast<std::size_t>(last.value)) {
    auto& places = streams_.at(log.back().stream);
    places.pop_back();
    if (places.empty()) streams_.erase(log.back().stream);
    log.pop_back();
  }
}

Task<Result<std::vector<TurnOutcome>>> MemoryEventStore::append(const std::vector<Turn>& batch, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto fault = std::exchange(fault_, std::nullopt);
  if (fault == AppendFault::unavailable) co_return fail(Errc::unavailable, "The store was told to fail.");
  if (fault == AppendFault::unknown_not_written) co_return fail(Errc::outcome_unknown, "The store was told to fail.");
  std::vector<TurnOutcome> outcomes;
  std::map<TurnId, Appended> standing;
  for (const Turn& turn : batch) {
    outcomes.push_back(append_one(turn, standing));
    if (const auto* appended = std::get_if<Appended>(&outcomes.back())) standing.emplace(turn.id, *appended);
  }
  if (fault == AppendFault::unknown_but_written) co_return fail(Errc::outcome_unknown, "The store was told to fail.");
  co_return outcomes;
}

TurnOutcome MemoryEventStore::append_one(const Turn& turn, std::map<TurnId, Appended>& standing) {
  if (auto error = refuse_turn(turn, info_.shards)) return Refused{*std::move(error)};
  if (const auto found = standing.find(turn.id); found != standing.end()) return found->second;
  if (const auto own = find_own(turn)) return *own;
  if (const auto obstacle = find_obstacle(turn, standing)) return *obstacle;
  return write(turn);
}

std::optional<Appended> MemoryEventStore::find_own(const Turn& turn) const {
  if (turn.events.empty()) return std::nullopt;
  const NewEvent& first = turn.events.front();
  if (version_of(first.stream) < first.version) return std::nullopt;
  const auto& places = streams_.at(first.stream);
  const RecordedEvent& stored = event_at(places[static_cast<std::size_t>(first.version.value - 1)]);
  if (stored.turn != turn.id) return std::nullopt;
  return Appended{stored.at, stored.position};
}

std::optional<TurnOutcome> MemoryEventStore::find_obstacle(const Turn& turn,
                                                           const std::map<TurnId, Appended>& standing) const {
  if (turn.command) {
    if (const auto found = keys_.find(turn.command->key); found != keys_.end()) {
      const StoredKey& key = found->second;
      return Duplicate{key.stream, key.version, key.fingerprint == turn.command->fingerprint};
    }
  }
  const Epoch epoch = shards_[turn.shard.value].epoch;
  if (turn.epoch && *turn.epoch != epoch) return Fenced{epoch};
  for (const ExpectedVersion& expected : turn.expected) {
    const StreamVersion actual = version_of(expected.stream);
    if (actual != expected.version) return Conflict{expected.stream, actual};
  }
  for (const TurnId earlier : turn.after) {
    if (standing.contains(earlier)) continue;
    if (turn.expected.empty()) return Conflict{};
    return Conflict{turn.expected.front().stream, turn.expected.front().version};
  }
  for (const Claim& claim : turn.claims) {
    const auto held = keys_.find(claim.key);
    if (held != keys_.end() && held->second.stream != claim.stream) return Claimed{claim.key, held->second.stream};
  }
  return std::nullopt;
}

Appended MemoryEventStore::write(const Turn& turn) {
  Shard& shard = shards_[turn.shard.value];
  const Appended appended{std::max(turn.proposed_at, shard.last_at),
                          Position{static_cast<std::int64_t>(shard.log.size()) + 1}};
  if (turn.events.empty()) return appended;
  shard.last_at = appended.at;
  for (const NewEvent& event : turn.events) {
    streams_[event.stream].push_back({turn.shard, shard.log.size()});
    shard.log.push_back({.shard = turn.shard,
                         .position = Position{static_cast<std::int64_t>(shard.log.size()) + 1},
                         .stream = event.stream,
                         .version = event.version,
                         .type = std::string(event.type),
                         .at = appended.at,
                         .node = turn.node,
                         .turn = turn.id,
                         .correlation = turn.correlation,
                         .causation = turn.causation,
                         .data = event.data});
  }
  if (turn.command) keys_[turn.command->key] = {turn.command->stream, turn.command->version, turn.command->fingerprint};
  for (const Claim& claim : turn.claims) keys_.try_emplace(claim.key, StoredKey{claim.stream, StreamVersion{0}, 0});
  put_rows(orders_, turn.orders);
  put_rows(payments_, turn.payments);
  put_rows(sagas_, turn.sagas);
  put_rows(products_, turn.products);
  return appended;
}

template <class Row>
void MemoryEventStore::put_rows(View<Row>& view, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const auto& places = streams_.at(stream_of(row.id));
    view[row.id.value] = {row, event_at(places.front()).at, event_at(places.back()).at};
  }
}

StreamVersion MemoryEventStore::version_of(StreamId stream) const {
  const auto found = streams_.find(stream);
  return StreamVersion{found == streams_.end() ? 0 : static_cast<std::int64_t>(found->second.size())};
}

Task<Result<std::vector<RecordedEvent>>> MemoryEventStore::read_stream(StreamId stream, StreamVersion after,
                                                                       std::size_t limit, Deadline) {
  const std::lock_guard guard(mutex_);
  std::vector<RecordedEvent> events;
  const auto found = streams_.find(stream);
  if (found == streams_.end()) co_return events;
  for (const Place& place : found->second) {
    if (events.size() == std::min(limit, events_read_max)) break;
    if (event_at(place).version > after) events.push_back(event_at(place));
  }
  co_return events;
}

Task<Result<std::vector<RecordedEvent>>> MemoryEventStore::read_shard(ShardId shard, Position after, std::size_t limit,
                                                                      Deadline) {
  const std::lock_guard guard(mutex_);
  std::vector<RecordedEvent> events;
  if (shard.value >= info_.shards) co_return events;
  for (const RecordedEvent& event : shards_[shard.value].log) {
    if (events.size() == std::min(limit, events_read_max)) break;
    if (event.position > after) events.push_back(event);
  }
  co_return events;
}

Task<Result<EventStore::Backwards>> MemoryEventStore::read_shard_backwards(ShardId shard, Position before,
                                                                           std::optional<std::string> type,
                                                                           std::size_t limit, std::size_t scan_limit,
                                                                           Deadline) {
  const std::lock_guard guard(mutex_);
  Backwards found;
  found.scanned_to = Position{1};
  if (shard.value >= info_.shards) co_return found;
  const auto& log = shards_[shard.value].log;
  auto position = std::clamp<std::int64_t>(before.value, 1, static_cast<std::int64_t>(log.size()) + 1);
  const std::int64_t lowest =
      std::max<std::int64_t>(position - static_cast<std::int64_t>(std::min(scan_limit, events_read_max)), 1);
  found.scanned_to = Position{lowest};
  while (position > lowest && found.events.size() < std::min(limit, events_read_max)) {
    const RecordedEvent& event = log[static_cast<std::size_t>(--position - 1)];
    if (!type || event.type == *type) found.events.push_back(event);
  }
  if (!found.events.empty() && found.events.size() == std::min(limit, events_read_max)) {
    found.scanned_to = found.events.back().position;
  }
  co_return found;
}

Task<Result<std::vector<Position>>> MemoryEventStore::last_positions(Deadline) {
  const std::lock_guard guard(mutex_);
  std::vector<Position> positions;
  for (const Shard& shard : shards_) positions.push_back(Position{static_cast<std::int64_t>(shard.log.size())});
  co_return positions;
}

Task<Result<std::optional<StoredKey>>> MemoryEventStore::find_key(Digest128 key, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = keys_.find(key);
  if (found == keys_.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<TakeOver>> MemoryEventStore::take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                                   Deadline) {
  const std::lock_guard guard(mutex_);
  if (shard.value >= info_.shards) co_return fail(Errc::invalid_argument, "The store has no such shard.");
  Shard& taken = shards_[shard.value];
  if (if_epoch && *if_epoch != taken.epoch) co_return fail(Errc::version_conflict, "another node has taken the shard");
  ++taken.epoch.value;
  taken.owner = std::move(node);
  TakeOver answer{taken.epoch, Position{static_cast<std::int64_t>(taken.log.size())}, {}};
  std::vector<const Stored<SagaRow>*> live;
  for (const auto& [id, saga] : sagas_) {
    if (is_live(saga.row.status) && shard_of(id, info_.shards) == shard) live.push_back(&saga);
  }
  std::ranges::sort(live, {}, [](const auto* saga) { return std::pair(saga->created_at, saga->row.id); });
  for (const auto* saga : live) answer.live.push_back({saga->row.id, saga->row.order});
  co_return answer;
}

}  // namespace edda::memory
