#include "owner/home_shards.hpp"

#include <algorithm>

namespace edda::owner {
namespace {

// Of the orders that a busy node has under way at a time, a good part.
constexpr std::uint64_t orders_in_a_row = 16;

}  // namespace

void HomeShards::take(ShardId shard, const TakeOver&) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(held_, shard) == held_.end()) held_.push_back(shard);
}

void HomeShards::drop(ShardId shard) {
  const std::lock_guard lock(mutex_);
  std::erase(held_, shard);
}

std::uint16_t HomeShards::low16(std::uint16_t draw) {
  constexpr std::uint32_t values = 0x1'0000;
  const std::lock_guard lock(mutex_);
  if (held_.empty()) return draw;
  const std::uint32_t shard = held_[taken_++ / orders_in_a_row % held_.size()].value;
  // The numbers below 2^16 that have this remainder; the last of them may be missing.
  const std::uint32_t moved = draw - draw % shard_count_ + shard;
  return static_cast<std::uint16_t>(moved < values ? moved : moved - shard_count_);
}

}  // namespace edda::owner
