#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "owner/shard_tail.hpp"
#include "ports/task.hpp"
#include "saga/engine.hpp"

namespace edda::owner {

/// What of a saga should be looked at again: its pause at one step, or its next deadline. A nil saga: the sends that wait for a breaker.
struct SagaWakeUp {
  static constexpr std::uint8_t time_of_saga = 0xFF;
  SagaId saga;
  std::uint8_t what = 0;  ///< the step's index, or time_of_saga
  auto operator<=>(const SagaWakeUp&) const = default;
};

/// What is being done about one open request of a saga.
struct Work {
  std::size_t step = 0;
  saga::Direction direction = saga::Direction::forward;
  int attempt = 1;
  bool pausing = false;  ///< between two tries; else it is being sent, or its answer is on its way into the log
  SteadyTime due{};      ///< of the pause
  std::optional<TurnId> cause;
  Timestamp requested_at{};  ///< first, under its key
};

/// A live saga of a shard that this node owns, as it last saw it.
struct TrackedSaga {
  OrderId order;
  const saga::Definition* definition = nullptr;
  StreamVersion version;
  std::optional<SagaStatus> status;  ///< as it was counted; unset before that
  std::optional<Timestamp> time_at;  ///< its next deadline (saga::next_wakeup), while a wake-up for it stands ...
  SteadyTime time_due{};             ///< ... at this time
  std::vector<Work> work;            ///< one for each open request; those that wait, for a signal or an operator, have none

  Work* find(std::size_t step) {
    const auto found = std::ranges::find(work, step, &Work::step);
    return found == work.end() ? nullptr : &*found;
  }
  const Work* find(std::size_t step) const { return const_cast<TrackedSaga*>(this)->find(step); }
};

/// Everything this node knows of a shard it owns. All of it is rebuilt from the log at a take-over (R8).
struct OwnedShard {
  OwnedShard(Epoch the_epoch, Position last, Uuid the_generation) : epoch(the_epoch), generation(the_generation), tail(last) {}

  const Epoch epoch;
  const Uuid generation;        ///< of the store, when the shard was taken
  ShardTail tail;
  Position seen;                ///< where the log ended at the last look at the ends
  bool reading = false;         ///< a gap is being read
  std::size_t first_loads = 0;  ///< live sagas of the take-over that are not folded yet
  bool unreadable = false;      ///< told once
  std::unordered_map<SagaId, TrackedSaga> sagas;
};

}  // namespace edda::owner
