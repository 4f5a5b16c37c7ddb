#include "sqlite/batch.hpp"

#include <algorithm>

#include "ports/turn_check.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

// SQLite's integers are signed; a fingerprint is only ever compared.
std::uint64_t fingerprint_of(const Row& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

}  // namespace

Result<TurnOutcome> Batch::check(const Turn& turn) {
  if (auto error = refuse_turn(turn, static_cast<std::uint16_t>(heads_.size()))) return Refused{*std::move(error)};
  TRY(const auto own, find_own(turn));
  if (own) {
    standing_.emplace(turn.id, *own);
    return *own;
  }
  if (turn.command) {
    TRY(const auto duplicate, find_duplicate(*turn.command));
    if (duplicate) return *duplicate;
  }
  const Epoch current = heads_[turn.shard.value].epoch;
  if (turn.epoch && *turn.epoch != current) return Fenced{current};
  TRY(const auto conflict, find_conflict(turn));
  if (conflict) return *conflict;
  TRY(const auto claimed, find_claimed(turn));
  if (claimed) return *claimed;
  return stage(turn);
}

// A turn is stored whole, so its first event tells whether it was stored (R3).
Result<std::optional<Appended>> Batch::find_own(const Turn& turn) {
  if (const auto found = standing_.find(turn.id); found != standing_.end()) return found->second;
  if (turn.events.empty()) return std::nullopt;
  const NewEvent& first = turn.events.front();
  TRY(const StagedStream* current, stream(first.stream));
  if (current->state.version < first.version) return std::nullopt;
  Rows rows = statements_.stored_turn.query(first.stream, first.version);
  TRY(const bool found, rows.next());
  if (!found || rows.id<TurnId>(0) != turn.id) return std::nullopt;
  return Appended{rows.timestamp(1), position_of_place(rows.integer(2))};
}

Result<std::optional<Duplicate>> Batch::find_duplicate(const CommandKey& command) {
  TRY(const auto stored, key(command.key));
  if (!stored) return std::nullopt;
  return Duplicate{stored->stream, stored->version, stored->fingerprint == command.fingerprint};
}

Result<std::optional<Conflict>> Batch::find_conflict(const Turn& turn) {
  for (const ExpectedVersion& expected : turn.expected) {
    TRY(const StagedStream* current, stream(expected.stream));
    if (current->state.version != expected.version) return Conflict{expected.stream, current->state.version};
  }
  const bool all_stand = std::ranges::all_of(turn.after, [&](TurnId id) { return standing_.contains(id); });
  if (all_stand) return std::nullopt;
  // What it was folded over was not written: the versions agree by chance only.
  if (turn.expected.empty()) return Conflict{};
  return Conflict{turn.expected.front().stream, turn.expected.front().version};
}

Result<std::optional<Claimed>> Batch::find_claimed(const Turn& turn) {
  unheld_.clear();
  for (const Claim& claim : turn.claims) {
    TRY(const auto stored, key(claim.key));
    if (stored && stored->stream != claim.stream) return Claimed{claim.key, stored->stream};
    if (!stored) unheld_.push_back(claim);
  }
  return std::nullopt;
}

Result<StagedStream*> Batch::stream(StreamId id) {
  if (const auto found = streams_.find(id); found != streams_.end()) return &found->second;
  StagedStream staged;
  if (const StreamState* cached = cache_.find(id)) {
    staged.state = *cached;
  } else {
    Rows rows = statements_.stream_state.query(id);
    TRY_VOID(rows.next());
    staged.state.version = StreamVersion{rows.integer(0)};
    staged.state.created_at = rows.timestamp(1);
    if (staged.state.version.value > 0) staged.state.row_status = StreamState::unknown_status;
  }
  return &streams_.emplace(id, staged).first->second;
}

Result<std::optional<StoredKey>> Batch::key(const Digest128& key) {
  if (const auto found = keys_.find(key); found != keys_.end()) return found->second;
  Rows rows = statements_.find_key.query(key);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  return StoredKey{rows.id<StreamId>(0), StreamVersion{rows.integer(1)}, fingerprint_of(rows, 2)};
}

Appended Batch::stage(const Turn& turn) {
  ShardHead& head = heads_[turn.shard.value];
  const Appended appended{std::max(turn.proposed_at, head.last_at), Position{head.last_pos.value + 1}};
  standing_.emplace(turn.id, appended);
  if (turn.events.empty()) return appended;
  head.last_at = appended.at;
  head.last_pos.value += static_cast<std::int64_t>(turn.events.size());
  for (const NewEvent& event : turn.events) {
    StagedStream& staged = streams_[event.stream];
    if (event.version.value == 1) staged.state.created_at = appended.at;
    staged.state.version = event.version;
  }
  if (turn.command) {
    keys_[turn.command->key] = StoredKey{turn.command->stream, turn.command->version, turn.command->fingerprint};
  }
  for (const Claim& claim : unheld_) keys_[claim.key] = StoredKey{claim.stream, StreamVersion{0}, 0};
  stage_rows(turn, appended.at);
  passed_.push_back({&turn, appended});
  return appended;
}

void Batch::stage_rows(const Turn& turn, Timestamp at) {
  const auto staged = [&](const auto& row) -> StagedStream& {
    StagedStream& stream = streams_[stream_of(row.id)];
    stream.updated_at = at;
    return stream;
  };
  for (const OrderRow& row : turn.orders) staged(row).order = &row;
  for (const PaymentRow& row : turn.payments) staged(row).payment = &row;
  for (const SagaRow& row : turn.sagas) staged(row).saga = &row;
}

}  // namespace edda::sqlite
