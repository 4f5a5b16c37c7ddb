#pragma once

#include <mutex>
#include <vector>

#include "owner/shard_user.hpp"

namespace edda::owner {

/// Where the orders that this node takes are at home: in the shards that it owns. So its lanes share no hot row with another node's, and
/// what an order needs is done where it was taken. Any other node may still serve it.
/// Thread-safety: callable from any thread.
class HomeShards final : public ShardUser {
 public:
  explicit HomeShards(std::uint16_t shard_count) : shard_count_(shard_count) {}

  void take(ShardId shard, const TakeOver& taken) override;
  void drop(ShardId shard) override;

  /// The low 16 bits of a new order's id; in any shard while this node owns none. `draw`: random. Orders that follow one another
  /// are at home in one shard, some at a time: a batch then touches few shards, whose rows (counts, ends, cursors) are written once for it.
  std::uint16_t low16(std::uint16_t draw);

 private:
  const std::uint16_t shard_count_;
  std::mutex mutex_;
  std::vector<ShardId> held_;  ///< guarded by mutex_
  std::uint64_t taken_ = 0;    ///< orders; guarded by mutex_
};

}  // namespace edda::owner
