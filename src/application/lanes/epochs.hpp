#pragma once

#include <atomic>
#include <memory>

#include "base/ids.hpp"

namespace edda::lanes {

/// What this node knows of each shard. Its epoch: written at a take-over, noted in every request for an outside step. And whether it met
/// there what only a newer release can have written: then it decides nothing for that shard until it is replaced (R23).
/// Thread-safety: callable from any thread.
class Epochs {
 public:
  explicit Epochs(std::uint16_t shards)
      : epochs_(std::make_unique<std::atomic<std::int64_t>[]>(shards)), closed_(std::make_unique<std::atomic<bool>[]>(shards)) {}

  Epoch of(ShardId shard) const { return Epoch{epochs_[shard.value].load(std::memory_order_acquire)}; }
  void set(ShardId shard, Epoch epoch) { epochs_[shard.value].store(epoch.value, std::memory_order_release); }

  void close(ShardId shard) { closed_[shard.value].store(true, std::memory_order_release); }
  bool closed(ShardId shard) const { return closed_[shard.value].load(std::memory_order_acquire); }

 private:
  std::unique_ptr<std::atomic<std::int64_t>[]> epochs_;
  std::unique_ptr<std::atomic<bool>[]> closed_;
};

}  // namespace edda::lanes
