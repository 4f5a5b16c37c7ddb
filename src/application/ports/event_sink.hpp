#pragma once

#include <vector>

#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "ports/task.hpp"

namespace edda {

/// Where committed events are published for other systems (Kafka in a cluster). At least once, in the order of their positions.
/// Thread-safety: callable from any thread.
class EventSink {
 public:
  virtual ~EventSink() = default;

  /// `events` of one shard, ascending; answers when all are acknowledged. Errors: unavailable (any part of them may be out: publish the same
  /// ones again).
  virtual Task<Result<void>> publish(ShardId shard, std::vector<RecordedEvent> events, Deadline deadline) = 0;
};

}  // namespace edda
