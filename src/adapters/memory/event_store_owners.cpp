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

Task<Result<ClusterView>> MemoryEventStore::beat(std::string node, std::chrono::milliseconds lease, Deadline) {
  const std::lock_guard guard(mutex_);
  ClusterView view;
  view.at = now();
  alive_until_[std::move(node)] = view.at + lease;
  const auto alive = [&](const std::string& name) {
    const auto found = alive_until_.find(name);
    return found != alive_until_.end() && found->second > view.at;
  };
  for (const auto& [name, until] : alive_until_)
    if (until > view.at) view.nodes.push_back(name);
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

Task<Result<void>> MemoryEventStore::leave(std::string node, Deadline) {
  const std::lock_guard guard(mutex_);
  alive_until_.erase(node);
  for (Shard& shard : shards_)
    if (shard.owner == node) shard.owner.clear();
  co_return Result<void>{};
}

}  // namespace edda::memory
