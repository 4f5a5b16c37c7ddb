#pragma once

#include <atomic>
#include <memory>

#include "base/ids.hpp"

namespace edda::lanes {

/// The epoch of each shard as this node last knew it: written at a take-over, noted in every request for an outside step.
/// Thread-safety: callable from any thread.
class Epochs {
 public:
  explicit Epochs(std::uint16_t shards) : epochs_(std::make_unique<std::atomic<std::int64_t>[]>(shards)) {}

  Epoch of(ShardId shard) const { return Epoch{epochs_[shard.value].load(std::memory_order_acquire)}; }
  void set(ShardId shard, Epoch epoch) { epochs_[shard.value].store(epoch.value, std::memory_order_release); }

 private:
  std::unique_ptr<std::atomic<std::int64_t>[]> epochs_;
};

}  // namespace edda::lanes
