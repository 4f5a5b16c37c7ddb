#pragma once

#include <cstdint>

#include "base/ids.hpp"

namespace edda::sqlite {

// A shard and a position in it as one integer, the events table's key: shard * 2^48 + position.
inline constexpr int place_shard_shift = 48;
inline constexpr std::int64_t place_position_mask = (std::int64_t{1} << place_shard_shift) - 1;
/// Shards a store may have: more would make a place negative.
inline constexpr std::uint16_t shards_max = 1 << 14;

constexpr std::int64_t place_of(ShardId shard, Position position) {
  return (static_cast<std::int64_t>(shard.value) << place_shard_shift) | position.value;
}
constexpr ShardId shard_of_place(std::int64_t place) {
  return ShardId{static_cast<std::uint16_t>(place >> place_shard_shift)};
}
constexpr Position position_of_place(std::int64_t place) { return Position{place & place_position_mask}; }

}  // namespace edda::sqlite
