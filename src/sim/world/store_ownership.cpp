#include "world/store_ownership.hpp"

#include <algorithm>

#include "base/planted.hpp"

namespace edda::sim {
namespace {

void note_shard(UndoLog* undo, ShardId shard, const StoreData& data) {
  if (undo == nullptr) return;
  const ShardState& now = data.shards[shard.value];
  undo->note([shard, epoch = now.epoch, owner = now.owner](StoreData& stored) {
    stored.shards[shard.value].epoch = epoch;
    stored.shards[shard.value].owner = owner;
  });
}

void note_cursor(UndoLog* undo, const std::pair<ShardId, std::string>& key, const StoreData& data) {
  if (undo == nullptr) return;
  const auto found = data.cursors.find(key);
  const auto old = found == data.cursors.end() ? std::nullopt : std::optional(found->second);
  undo->note([key, old](StoreData& stored) {
    if (old)
      stored.cursors[key] = *old;
    else
      stored.cursors.erase(key);
  });
}

void note_node(UndoLog* undo, const std::string& node, const StoreData& data) {
  if (undo == nullptr) return;
  const auto found = data.nodes.find(node);
  const auto old = found == data.nodes.end() ? std::nullopt : std::optional(found->second);
  undo->note([node, old](StoreData& stored) {
    if (old)
      stored.nodes[node] = *old;
    else
      stored.nodes.erase(node);
  });
}

std::unexpected<Error> no_such_shard() { return fail(Errc::invalid_argument, "The store has no such shard."); }

}  // namespace

Transaction::Progress TakeOverTransaction::step(Database& database) {
  if (shard_.value >= database.data.shards.size()) {
    answer_ = no_such_shard();
    return Progress::ready;
  }
  if (EDDA_PLANTED(take_over_without_lock) && !read_early_) {
    read_early_ = true;
    read(database.data);
    return Progress::again;
  }
  if (!raised_) return raise(database);
  if (!readers_.empty()) {
    if (!database.locks.acquire(*this, LockKey::of_cursor(readers_.back(), shard_))) return Progress::waiting;
    readers_.pop_back();
    return Progress::again;
  }
  if (!read_early_) read(database.data);
  else answer_->last = database.data.shards[shard_.value].last();
  answer_->epoch = Epoch{database.data.shards[shard_.value].epoch.value + 1};
  return Progress::ready;
}

Transaction::Progress TakeOverTransaction::raise(Database& database) {
  if (!database.locks.acquire(*this, LockKey::of_shard(shard_))) return Progress::waiting;
  const Epoch epoch = database.data.shards[shard_.value].epoch;
  if (if_epoch_ && *if_epoch_ != epoch) {
    answer_ = fail(Errc::version_conflict, "another node has taken the shard");
    return Progress::ready;
  }
  raised_ = true;
  for (const auto& [key, row] : database.data.cursors) {
    if (key.first == shard_) readers_.push_back(key.second);
  }
  return Progress::again;
}

void TakeOverTransaction::read(const StoreData& data) {
  answer_ = TakeOver{{}, data.shards[shard_.value].last(), data.live_sagas(shard_)};
}

void TakeOverTransaction::commit(Database& database, UndoLog* undo) {
  if (!answer_) return;
  note_shard(undo, shard_, database.data);
  ShardState& shard = database.data.shards[shard_.value];
  shard.epoch = answer_->epoch;
  shard.owner = node_;
  for (auto& [key, row] : database.data.cursors) {
    if (key.first != shard_) continue;
    note_cursor(undo, key, database.data);
    row.epoch = answer_->epoch;
  }
}

Transaction::Progress MoveCursorTransaction::step(Database& database) {
  if (shard_.value >= database.data.shards.size()) {
    answer_ = no_such_shard();
    return Progress::ready;
  }
  const auto& cursors = database.data.cursors;
  const auto stands = [&] { return cursors.contains({shard_, reader_}); };
  if (!stands() && !database.locks.acquire(*this, LockKey::of_shard(shard_))) return Progress::waiting;
  if (!database.locks.acquire(*this, LockKey::of_cursor(reader_, shard_))) return Progress::waiting;
  const Epoch current = stands() ? cursors.at({shard_, reader_}).epoch : database.data.shards[shard_.value].epoch;
  if (epoch_ != current && !EDDA_PLANTED(epoch_not_checked)) {
    answer_ = fail(Errc::cancelled, "another node owns the shard", {}, "fenced");
  }
  return Progress::ready;
}

void MoveCursorTransaction::commit(Database& database, UndoLog* undo) {
  if (!answer_) return;
  note_cursor(undo, {shard_, reader_}, database.data);
  CursorRow& row = database.data.cursors[{shard_, reader_}];
  row.epoch = std::max(row.epoch, epoch_);
  row.position = std::max(row.position, position_);
}

Transaction::Progress BeatTransaction::step(Database& database) {
  until_ = database.now + lease_;
  view_ = database.data.cluster(database.now);
  if (std::ranges::binary_search(view_.nodes, self_.node)) return Progress::ready;
  view_.nodes.insert(std::ranges::lower_bound(view_.nodes, self_.node), self_.node);
  for (ShardOwner& shard : view_.shards) shard.alive = shard.alive || shard.node == self_.node;
  return Progress::ready;
}

void BeatTransaction::commit(Database& database, UndoLog* undo) {
  const auto stored = database.data.nodes.find(self_.node);
  const bool stands = stored != database.data.nodes.end();
  const bool mine = stands && stored->second.incarnation == self_.incarnation;
  if (stands && !mine && stored->second.until > database.now) {
    view_.other_until = stored->second.until;
    return;
  }
  note_node(undo, self_.node, database.data);
  database.data.nodes[self_.node] = {self_.incarnation, mine ? std::max(stored->second.until, until_) : until_};
}

Transaction::Progress ReleaseTransaction::step(Database& database) {
  if (shard_.value >= database.data.shards.size()) {
    answer_ = no_such_shard();
    return Progress::ready;
  }
  if (!database.locks.acquire(*this, LockKey::of_shard(shard_))) return Progress::waiting;
  owned_ = database.data.shards[shard_.value].epoch == epoch_;
  return Progress::ready;
}

void ReleaseTransaction::commit(Database& database, UndoLog* undo) {
  if (!owned_) return;
  note_shard(undo, shard_, database.data);
  database.data.shards[shard_.value].owner.clear();
}

bool LeaveTransaction::is_anothers(const StoreData& data) const {
  const auto found = data.nodes.find(self_.node);
  return found != data.nodes.end() && found->second.incarnation != self_.incarnation;
}

Transaction::Progress LeaveTransaction::step(Database& database) {
  if (is_anothers(database.data)) return Progress::ready;
  for (; next_ < database.data.shards.size(); ++next_) {
    if (database.data.shards[next_].owner != self_.node) continue;
    const ShardId shard{static_cast<std::uint16_t>(next_)};
    if (!database.locks.acquire(*this, LockKey::of_shard(shard))) return Progress::waiting;
    owned_.push_back(shard);
    ++next_;
    return Progress::again;
  }
  return Progress::ready;
}

void LeaveTransaction::commit(Database& database, UndoLog* undo) {
  if (is_anothers(database.data)) return;
  note_node(undo, self_.node, database.data);
  database.data.nodes.erase(self_.node);
  for (const ShardId shard : owned_) {
    note_shard(undo, shard, database.data);
    database.data.shards[shard.value].owner.clear();
  }
}

}  // namespace edda::sim
