#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "ports/event_store.hpp"

namespace edda::queries {

using EventPtr = std::shared_ptr<const RecordedEvent>;

/// Reads a shard's log forwards and keeps its end in memory, so that a thousand followers of the log cost one read a commit, not a
/// thousand. Bounded by events and bytes.
/// Thread-safety: on one thread.
class LogTail {
 public:
  explicit LogTail(EventStore& store);

  struct Chunk {
    std::vector<EventPtr> events;
    bool from_memory = false;  ///< the log may go on behind what was given, even if it is less than was asked for
  };
  /// Events with position > `after`, at most `limit`. Errors: the store's.
  Task<Result<Chunk>> read(ShardId shard, Position after, std::size_t limit, Deadline deadline);

 private:
  struct End {
    std::deque<EventPtr> events;  ///< positions without a gap
    std::size_t bytes = 0;
  };
  static bool holds(const End& end, Position next);
  static void keep(End& end, const std::vector<EventPtr>& events);
  void forget_another_store();

  EventStore& store_;
  std::vector<End> ends_;
  Uuid generation_;  ///< of the store that they are of
};

}  // namespace edda::queries
