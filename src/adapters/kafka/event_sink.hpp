#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "kafka/previous_positions.hpp"
#include "kafka/producer.hpp"
#include "kafka/settings.hpp"
#include "ports/event_sink.hpp"
#include "ports/event_store.hpp"

namespace edda::kafka {

/// Publishes to the topics order-events, payment-events and saga-events: a shard is a partition, so that its events stay in order, and
/// docs/feed.md says what consumers read. Events of products and their stock are passed over.
///
/// Events whose acknowledgement did not come by the deadline are still on their way: when the same ones are published again, as the port
/// asks for, they are waited for and not sent a second time, unless they failed.
/// Thread-safety: callable from any thread, for one shard once at a time; answers on the caller's executor.
class KafkaEventSink final : public EventSink {
 public:
  /// `store`: the log that is published; asked for what stands before the first events of a shard.
  KafkaEventSink(FeedSettings settings, EventStore& store, Log& log);
  ~KafkaEventSink() override;

  Task<Result<void>> publish(ShardId shard, std::vector<RecordedEvent> events, Deadline deadline) override;

  ProducerStats stats() const { return producer_.stats(); }

 private:
  class Sending;
  struct Shard {
    PreviousPositions previous;
    std::shared_ptr<Sending> sending;  ///< not yet known to have ended
  };

  Shard& shard(ShardId id);
  Task<Result<void>> join(Shard& shard, std::vector<RecordedEvent>& events, Deadline deadline);
  Task<Result<void>> send(Shard& shard, ShardId id, std::vector<RecordedEvent> events, Deadline deadline);

  EventStore& store_;
  const Uuid generation_;
  const bool traced_;
  std::mutex mutex_;  ///< of the map, not of the shards in it
  std::map<ShardId, Shard> shards_;
  Producer producer_;
};

}  // namespace edda::kafka
