#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/timestamp.hpp"

namespace edda::sqlite {

/// What the writer must know of a stream to append to it.
struct StreamState {
  StreamVersion version;
  Timestamp created_at;  ///< of its first event; its view row stands under this time
  /// Number of its view row's status plus one; 0: no row; unknown_status: not read yet.
  static constexpr std::uint8_t unknown_status = 0xff;
  std::uint8_t row_status = 0;
};

/// The streams that were written last, so that the second turn of a saga reads nothing. Each stream has one slot, which
/// a later one with the same slot takes over: bounded, and no bookkeeping. Advanced only after COMMIT. Thread-safety:
/// none; guarded by the writer's mutex.
class StreamCache {
 public:
  /// 2^16 slots of 48 bytes: enough for the sagas of some seconds at full speed.
  explicit StreamCache(std::size_t slots = std::size_t{1} << 16) : slots_(slots) {}

  const StreamState* find(StreamId stream) const {
    const Slot& slot = slots_[index(stream)];
    return slot.stream == stream ? &slot.state : nullptr;
  }
  void put(StreamId stream, const StreamState& state) { slots_[index(stream)] = Slot{stream, state}; }
  void clear() { slots_.assign(slots_.size(), Slot{}); }

 private:
  struct Slot {
    StreamId stream;
    StreamState state;
  };
  std::size_t index(StreamId stream) const {
    // The streams of one order share time and low bits: the hash must mix all of the id.
    std::uint64_t hash = std::hash<StreamId>{}(stream);
    hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(hash >> 24) % slots_.size();
  }
  std::vector<Slot> slots_;
};

}  // namespace edda::sqlite
