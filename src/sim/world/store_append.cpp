#include "world/store_append.hpp"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "base/planted.hpp"
#include "ports/turn_check.hpp"

namespace edda::sim {

AppendTransaction::AppendTransaction(std::shared_ptr<std::vector<Turn>> batch, std::uint16_t shards, int writer_knows)
    : batch_(std::move(batch)), writer_knows_(writer_knows) {
  refused_.reserve(batch_->size());
  for (std::size_t i = 0; i < batch_->size(); ++i) {
    const Turn& turn = (*batch_)[i];
    refused_.push_back(refuse_turn(turn, shards));
    if (refused_.back()) continue;
    if (turn.command) want(turn.command->key, i, std::nullopt);
    for (std::size_t c = 0; c < turn.claims.size(); ++c) want(turn.claims[c].key, i, c);
    heads_.emplace_back().shard = turn.shard;
  }
  std::ranges::sort(wanted_, {}, [](const Wanted& w) { return std::tie(w.key, w.turn); });
  std::ranges::sort(heads_, {}, &Head::shard);
  const auto doubled = std::ranges::unique(heads_, {}, &Head::shard);
  heads_.erase(doubled.begin(), doubled.end());
}

void AppendTransaction::want(const Digest128& key, std::size_t turn, std::optional<std::size_t> claim) {
  Wanted& wanted = wanted_.emplace_back();
  wanted.key = key;
  wanted.turn = turn;
  wanted.claim = claim;
}

Transaction::Progress AppendTransaction::step(Database& database) {
  if (phase_ == Phase::keys && next_ == wanted_.size()) {
    phase_ = Phase::shards;
    next_ = 0;
  }
  if (phase_ == Phase::shards && next_ == heads_.size()) phase_ = Phase::checks;
  switch (phase_) {
    case Phase::keys:
      return insert_key(database);
    case Phase::shards:
      return lock_shard(database);
    case Phase::checks:
      check_all(database.data);
      phase_ = Phase::writes;
      return Progress::again;
    case Phase::writes:
      break;
  }
  return Progress::ready;
}

// INSERT ... ON CONFLICT DO NOTHING: a committed row is a loss; an uncommitted one must be waited for.
Transaction::Progress AppendTransaction::insert_key(Database& database) {
  Wanted& wanted = wanted_[next_];
  if (next_ > 0 && wanted_[next_ - 1].key == wanted.key) {
    const Wanted& earlier = wanted_[next_ - 1];
    wanted.standing = earlier.standing;
    if (!earlier.standing) wanted.winner = earlier.winner.value_or(earlier.turn);
    ++next_;
    return Progress::again;
  }
  const LockKey lock = LockKey::of_key(wanted.key);
  if (const KeyRow* row = database.data.key_of(wanted.key)) {
    wanted.standing = *row;
    if (wanted.waited) ++counts_.lost_after_wait;
    database.locks.release(*this, lock, database.woken);
  } else if (!database.locks.acquire(*this, lock)) {
    wanted.waited = true;
    ++counts_.waited;
    return Progress::waiting;
  }
  ++next_;
  return Progress::again;
}

Transaction::Progress AppendTransaction::lock_shard(Database& database) {
  Head& head = heads_[next_];
  if (!database.locks.acquire(*this, LockKey::of_shard(head.shard))) {
    ++counts_.waited;
    return Progress::waiting;
  }
  const ShardState& shard = database.data.shards[head.shard.value];
  head.last = shard.last();
  head.last_at = shard.last_at;
  ++next_;
  return Progress::again;
}

void AppendTransaction::check_all(const StoreData& data) {
  outcomes_.reserve(batch_->size());
  for (std::size_t i = 0; i < batch_->size(); ++i) {
    outcomes_.push_back(check(i, data));
    count(outcomes_.back());
    if (const auto* appended = std::get_if<Appended>(&outcomes_.back())) {
      standing_.emplace_back((*batch_)[i].id, *appended);
    }
  }
}

TurnOutcome AppendTransaction::check(std::size_t index, const StoreData& data) {
  const Turn& turn = (*batch_)[index];
  if (refused_[index]) return Refused{*refused_[index]};
  const auto before = std::ranges::find(standing_, turn.id, &std::pair<TurnId, Appended>::first);
  if (before != standing_.end()) return before->second;
  if (const auto own = find_own(turn, data)) {
    ++counts_.own_turns;
    return *own;
  }
  if (auto obstacle = find_obstacle(index, data)) {
    if (EDDA_PLANTED(dependent_turn_passes)) {
      for (const NewEvent& event : turn.events) written_[event.stream] = event.version;
    }
    return *std::move(obstacle);
  }
  const Appended appended = place(turn);
  passed_.push_back({&turn, appended});
  for (const NewEvent& event : turn.events) written_[event.stream] = event.version;
  return appended;
}

// R3: the turn's first event carries its id. Its command row and claims were stored with it.
std::optional<Appended> AppendTransaction::find_own(const Turn& turn, const StoreData& data) const {
  if (EDDA_PLANTED(own_turn_not_recognised) || turn.events.empty()) return std::nullopt;
  const NewEvent& first = turn.events.front();
  const RecordedEvent* stored = data.event_of(first.stream, first.version);
  if (stored == nullptr || stored->turn != turn.id) return std::nullopt;
  return Appended{stored->at, stored->position};
}

// In the order of precedence: duplicate, fenced, conflict, claimed.
std::optional<TurnOutcome> AppendTransaction::find_obstacle(std::size_t index, const StoreData& data) {
  const Turn& turn = (*batch_)[index];
  if (auto duplicate = find_lost(index, false)) return duplicate;
  const Epoch epoch = data.shards[turn.shard.value].epoch;
  if (turn.epoch && *turn.epoch != epoch && !EDDA_PLANTED(epoch_not_checked)) return Fenced{epoch};
  if (auto moved = find_moved(turn, data)) return moved;
  if (rests_on_failed(turn) || lost_to_failed(index)) {
    if (turn.expected.empty()) return Conflict{};
    return Conflict{turn.expected.front().stream, turn.expected.front().version};
  }
  return find_lost(index, true);
}

std::optional<TurnOutcome> AppendTransaction::find_moved(const Turn& turn, const StoreData& data) const {
  for (const ExpectedVersion& expected : turn.expected) {
    if (EDDA_PLANTED(folded_not_checked) &&
        std::ranges::find(turn.events, expected.stream, &NewEvent::stream) == turn.events.end()) {
      continue;
    }
    const StreamVersion actual = version_of(expected.stream, data);
    if (actual != expected.version) return Conflict{expected.stream, actual};
  }
  return std::nullopt;
}

// R2: a turn folded over an earlier one of its batch means nothing if that one did not pass.
bool AppendTransaction::rests_on_failed(const Turn& turn) const {
  if (EDDA_PLANTED(dependent_turn_passes)) return false;
  return !std::ranges::all_of(turn.after, [&](TurnId earlier) { return passed_as(earlier); });
}

bool AppendTransaction::passed_as(TurnId turn) const {
  return std::ranges::find(standing_, turn, &std::pair<TurnId, Appended>::first) != standing_.end();
}

/// What the turn lost to a row that stands or will: its command key, or its claims.
std::optional<TurnOutcome> AppendTransaction::find_lost(std::size_t index, bool claims) const {
  const Turn& turn = (*batch_)[index];
  for (const Wanted& wanted : wanted_) {
    if (wanted.turn != index || wanted.claim.has_value() != claims || wanted.inserted()) continue;
    if (wanted.winner && !stores(*wanted.winner)) continue;
    StoredKey held;
    if (wanted.standing) {
      held = wanted.standing->stored;
    } else {
      const Turn& winner = (*batch_)[*wanted.winner];
      const bool by_command = winner.command && winner.command->key == wanted.key;
      const auto claim = std::ranges::find(winner.claims, wanted.key, &Claim::key);
      held = by_command ? StoredKey{winner.command->stream, winner.command->version, winner.command->fingerprint}
                        : StoredKey{claim->stream, StreamVersion{0}, 0};
    }
    if (!claims) return Duplicate{held.stream, held.version, held.fingerprint == turn.command->fingerprint};
    if (held.stream != turn.claims[*wanted.claim].stream) return Claimed{wanted.key, held.stream};
  }
  return std::nullopt;
}

/// R1: the key went to an earlier turn of the batch that did not pass, and will be taken back: nobody holds it, so
/// decide again.
bool AppendTransaction::lost_to_failed(std::size_t index) const {
  return std::ranges::any_of(wanted_,
                             [&](const Wanted& w) { return w.turn == index && w.winner && !stores(*w.winner); });
}

bool AppendTransaction::stores(std::size_t index) const {
  return std::ranges::find(passed_, &(*batch_)[index], &PassedTurn::turn) != passed_.end();
}

StreamVersion AppendTransaction::version_of(StreamId stream, const StoreData& data) const {
  const auto found = written_.find(stream);
  return found != written_.end() ? found->second : data.version_of(stream);
}

Appended AppendTransaction::place(const Turn& turn) {
  Head& head = *std::ranges::lower_bound(heads_, turn.shard, {}, &Head::shard);
  const Appended appended{std::max(turn.proposed_at, head.last_at), Position{head.last.value + 1}};
  if (turn.events.empty()) return appended;
  head.last_at = appended.at;
  head.last.value += static_cast<std::int64_t>(turn.events.size());
  return appended;
}

void AppendTransaction::count(const TurnOutcome& outcome) {
  counts_.duplicates += std::holds_alternative<Duplicate>(outcome) ? 1 : 0;
  counts_.fenced += std::holds_alternative<Fenced>(outcome) ? 1 : 0;
  counts_.conflicts += std::holds_alternative<Conflict>(outcome) ? 1 : 0;
  counts_.claimed += std::holds_alternative<Claimed>(outcome) ? 1 : 0;
}

void AppendTransaction::commit(Database& database, UndoLog* undo) {
  for (const PassedTurn& passed : passed_) {
    if (passed.turn->events.empty()) continue;
    write_events(passed, database.data, undo);
    write_views(*passed.turn, database.data, undo);
  }
  write_keys(database.data, undo);
}

void AppendTransaction::write_events(const PassedTurn& passed, StoreData& data, UndoLog* undo) {
  Turn& turn = (*batch_)[static_cast<std::size_t>(passed.turn - batch_->data())];
  ShardState& shard = data.shards[turn.shard.value];
  if (undo != nullptr) {
    undo->note([at = turn.shard, size = shard.log.size(), last_at = shard.last_at](StoreData& stored) {
      ShardState& cut = stored.shards[at.value];
      for (; cut.log.size() > size; cut.log.pop_back()) {
        const auto stream = stored.streams.find(cut.log.back().stream);
        stream->second.pop_back();
        if (stream->second.empty()) stored.streams.erase(stream);
        const auto count = stored.event_counts.find(cut.log.back().type);
        if (--count->second == 0) stored.event_counts.erase(count);
      }
      cut.last_at = last_at;
    });
  }
  shard.last_at = passed.appended.at;
  for (NewEvent& event : turn.events) {
    data.streams[event.stream].push_back({turn.shard, shard.log.size()});
    ++data.event_counts[std::string(event.type)];
    shard.log.push_back({.shard = turn.shard,
                         .position = Position{shard.last().value + 1},
                         .stream = event.stream,
                         .version = event.version,
                         .type = std::string(event.type),
                         .at = passed.appended.at,
                         .node = turn.node,
                         .turn = turn.id,
                         .correlation = turn.correlation,
                         .causation = turn.causation,
                         .data = std::move(event.data)});
  }
}

void AppendTransaction::write_keys(StoreData& data, UndoLog* undo) {
  for (const Wanted& wanted : wanted_) {
    if (!wanted.inserted()) continue;
    const Turn& turn = (*batch_)[wanted.turn];
    const bool kept = stores(wanted.turn) ||
                      (wanted.claim ? EDDA_PLANTED(claim_kept_when_refused) : EDDA_PLANTED(key_kept_when_refused));
    if (!kept) continue;
    const StoredKey row = wanted.claim
                              ? StoredKey{turn.claims[*wanted.claim].stream, StreamVersion{0}, 0}
                              : StoredKey{turn.command->stream, turn.command->version, turn.command->fingerprint};
    data.keys.emplace(Uuid{wanted.key}, KeyRow{row, turn.id});
    if (undo != nullptr) undo->note([key = Uuid{wanted.key}](StoreData& stored) { stored.keys.erase(key); });
  }
}

namespace {

/// A row with the times of its stream's first and last event.
template <class Row>
void put_row(std::unordered_map<Uuid, Stored<Row>>& view, const Row& row, const StoreData& data, UndoLog* undo,
             std::unordered_map<Uuid, Stored<Row>> StoreData::* which) {
  const auto& places = data.streams.at(stream_of(row.id));
  const auto [entry, fresh] = view.try_emplace(row.id.value);
  if (undo != nullptr) {
    undo->note(
        [which, id = row.id.value, old = fresh ? std::nullopt : std::optional(entry->second)](StoreData& stored) {
          if (old)
            (stored.*which)[id] = *old;
          else
            (stored.*which).erase(id);
        });
  }
  entry->second = {row, data.at(places.front()).at, data.at(places.back()).at};
}

}  // namespace

void AppendTransaction::write_views(const Turn& turn, StoreData& data, UndoLog* undo) {
  for (const OrderRow& row : turn.orders) put_row(data.orders, row, data, undo, &StoreData::orders);
  if (!EDDA_PLANTED(view_row_not_written)) {
    for (const PaymentRow& row : turn.payments) put_row(data.payments, row, data, undo, &StoreData::payments);
  }
  for (const SagaRow& row : turn.sagas) put_row(data.sagas, row, data, undo, &StoreData::sagas);
  for (const ProductRow& row : turn.products) put_row(data.products, row, data, undo, &StoreData::products);
}

}  // namespace edda::sim
