#include "memory/event_store.hpp"

// Cursors and owners. The store's clock is the one it was made with.
namespace edda::memory {

Timestamp MemoryEventStore::now() const {
  return clock_ != nullptr ? clock_->now() : std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

Task<Result<Position>> MemoryEventStore::read_cursor(std::string reader, ShardId shard, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = cursors_.find({reader, shard});
  co_return found == cursors_.end() ? Position{0} : found->second;
}

Task<Result<void>> MemoryEventStore::move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                                 Deadline) {
  const std::lock_guard guard(mutex_);
  if (shard.value >= info_.shards) co_return fail(Errc::invalid_argument, "The store has no such shard.");
  if (shards_[shard.value].epoch != epoch)
    co_return fail(Errc::cancelled, "Another node owns the shard now.", {}, "fenced");
  Position& cursor = cursors_[{std::move(reader), shard}];
  cursor = std::max(cursor, position);
  co_return Result<void>{};
}

void MemoryEventStore::beat_as_release(std::string node, std::chrono::milliseconds lease, int newest) {
  const std::lock_guard guard(mutex_);
  nodes_[std::move(node)] = {now() + lease, newest};
}

LevelView MemoryEventStore::level_view() const {
  LevelView view{info_.feature_level, {}};
  for (const auto& [name, beat] : nodes_)
    if (beat.alive_until > now()) view.nodes.push_back({name, beat.newest_level});
  return view;
}

Task<Result<ClusterView>> MemoryEventStore::beat(NodeProcess self, std::chrono::milliseconds lease, Deadline) {
  const std::lock_guard guard(mutex_);
  ClusterView view;
  view.at = now();
  Heartbeat& mine = nodes_.try_emplace(self.node, Heartbeat{view.at, newest_feature_level, self.incarnation}).first->second;
  if (mine.incarnation == self.incarnation || mine.alive_until <= view.at)
    mine = {view.at + lease, newest_feature_level, self.incarnation};
  else
    view.other_until = mine.alive_until;
  const auto alive = [&](const std::string& name) {
    const auto found = nodes_.find(name);
    return found != nodes_.end() && found->second.alive_until > view.at;
  };
  for (const auto& [name, beat] : nodes_)
    if (beat.alive_until > view.at) view.nodes.push_back(name);
  for (std::uint16_t number = 0; number < info_.shards; ++number) {
    const Shard& shard = shards_[number];
    view.shards.push_back({ShardId{number}, shard.owner, shard.epoch, alive(shard.owner)});
  }
  co_return view;
}

Task<Result<void>> MemoryEventStore::release(ShardId shard, Epoch epoch, Deadline) {
  const std::lock_guard guard(mutex_);
  if (shard.value < info_.shards && shards_[shard.value].epoch == epoch) shards_[shard.value].owner.clear();
  co_return Result<void>{};
}

Task<Result<void>> MemoryEventStore::leave(NodeProcess self, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = nodes_.find(self.node);
  if (found != nodes_.end() && found->second.incarnation != self.incarnation) co_return Result<void>{};
  nodes_.erase(self.node);
  for (Shard& shard : shards_)
    if (shard.owner == self.node) shard.owner.clear();
  co_return Result<void>{};
}

}  // namespace edda::memory
