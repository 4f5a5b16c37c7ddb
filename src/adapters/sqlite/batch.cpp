#include "sqlite/batch.hpp"

#include <algorithm>

#include "ports/turn_check.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

// SQLite's integers are signed; a fingerprint is only ever compared.
std::uint64_t fingerprint_of(const Row& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

// An order's turn touches three streams.
constexpr std::size_t usual_streams = 3;

}  // namespace

Batch::Batch(WriteStatements& statements, const StreamCache& cache, std::vector<ShardHead> heads,
             StandingTurns& standing, NewStreams new_streams, std::size_t turns)
    : statements_(statements),
      cache_(cache),
      heads_(std::move(heads)),
      standing_(standing),
      new_streams_(new_streams) {
  passed_.reserve(turns);
  streams_.reserve(turns * usual_streams);
  index_.reserve(turns * usual_streams);
  keys_.reserve(turns);
  standing_.reserve(standing_.size() + turns);
}

Result<TurnOutcome> Batch::check(const Turn& turn) {
  if (auto error = refuse_turn(turn, static_cast<std::uint16_t>(heads_.size()))) return Refused{*std::move(error)};
  for (;;) {
    assumed_.clear();
    TRY(auto outcome, settled(turn));
    if (!outcome) return stage(turn);
    // Only a staged turn puts its assumptions to the test; what another turn is told must not rest on one.
    TRY(const bool again, look_up_assumed());
    if (again) continue;
    if (const auto* own = std::get_if<Appended>(&*outcome)) standing_.emplace(turn.id, *own);
    return *std::move(outcome);
  }
}

Result<std::optional<TurnOutcome>> Batch::settled(const Turn& turn) {
  TRY(const auto own, find_own(turn));
  if (own) return *own;
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
  return std::nullopt;
}

// A turn is stored whole, so its first event tells whether it was stored (R3).
Result<std::optional<Appended>> Batch::find_own(const Turn& turn) {
  if (const auto found = standing_.find(turn.id); found != standing_.end()) return found->second;
  if (turn.events.empty()) return std::nullopt;
  const NewEvent& first = turn.events.front();
  TRY(const StagedStream* current, stream(turn, first.stream));
  if (current->state.version < first.version) return std::nullopt;
  Rows rows = statements_.stored_turn.look_up(first.stream, first.version);
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
    TRY(const StagedStream* current, stream(turn, expected.stream));
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

Result<StagedStream*> Batch::stream(const Turn& turn, StreamId id) {
  if (const auto found = index_.find(id); found != index_.end()) return &streams_[found->second];
  StagedStream staged{.id = id, .state = {}, .updated_at = {}};
  if (const StreamState* cached = cache_.find(id)) {
    staged.state = *cached;
  } else if (may_assume(turn, id)) {
    assumed_.push_back(id);
  } else {
    TRY(staged.state, read_state(id));
  }
  index_.emplace(id, streams_.size());
  return &streams_.emplace_back(staged);
}

Result<StreamState> Batch::read_state(StreamId id) {
  StreamState state;
  Rows rows = statements_.stream_state.look_up(id);
  TRY_VOID(rows.next());
  state.version = StreamVersion{rows.integer(0)};
  state.created_at = rows.timestamp(1);
  if (state.version.value > 0) state.row_status = StreamState::unknown_status;
  return state;
}

// If the turn passes, it inserts the stream's version 1, and the index over (stream, version) refuses that when the
// stream exists. So a stream of which it writes nothing must be looked up.
bool Batch::may_assume(const Turn& turn, StreamId id) const {
  return new_streams_ == NewStreams::assumed && std::ranges::any_of(turn.events, [&](const NewEvent& event) {
           return event.version.value == 1 && event.stream == id;
         });
}

Result<bool> Batch::look_up_assumed() {
  for (const StreamId id : assumed_) {
    TRY(staged(id).state, read_state(id));
  }
  return !assumed_.empty();
}

Result<std::optional<StoredKey>> Batch::key(const Digest128& key) {
  if (const auto found = keys_.find(key); found != keys_.end()) return found->second;
  Rows rows = statements_.find_key.look_up(key);
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
    StreamState& state = staged(event.stream).state;
    if (event.version.value == 1) state.created_at = appended.at;
    state.version = event.version;
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
  const auto touched = [&](const auto& row) -> StagedStream& {
    StagedStream& stream = staged(stream_of(row.id));
    stream.updated_at = at;
    return stream;
  };
  for (const OrderRow& row : turn.orders) touched(row).order = &row;
  for (const PaymentRow& row : turn.payments) touched(row).payment = &row;
  for (const SagaRow& row : turn.sagas) touched(row).saga = &row;
  for (const ProductRow& row : turn.products) touched(row).product = &row;
}

}  // namespace edda::sqlite
