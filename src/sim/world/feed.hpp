#pragma once

#include <map>
#include <vector>

#include "kernel/kernel.hpp"
#include "ports/clock.hpp"
#include "ports/event_sink.hpp"
#include "world/links.hpp"

namespace edda::sim {

/// What stands in the feed, as its consumers read it: one partition a shard, in the order of arrival.
class Feed {
 public:
  struct Entry {
    Position position;
    StreamId stream;
    TurnId turn;
  };
  explicit Feed(Kernel& kernel) : kernel_(kernel) {}

  void append(ShardId shard, const RecordedEvent& event);
  const std::map<ShardId, std::vector<Entry>>& partitions() const { return partitions_; }

  void go_down(SteadyTime until) { down_until_ = until; }
  void come_back() { down_until_ = {}; }
  bool is_down() const { return kernel_.scheduler.now() < down_until_; }
  Kernel& kernel() { return kernel_; }

 private:
  Kernel& kernel_;
  SteadyTime down_until_{};
  std::map<ShardId, std::vector<Entry>> partitions_;
};

/// A node's producer: acknowledgements get lost, a part of a batch may be out although it failed, batches arrive twice.
class FeedPort final : public EventSink {
 public:
  FeedPort(Feed& feed, Actor& node, Clock& clock, const Links& links)
      : feed_(feed), node_(node), clock_(clock), links_(links) {}
  Task<Result<void>> publish(ShardId shard, std::vector<RecordedEvent> events, Deadline deadline) override;

 private:
  Feed& feed_;
  Actor& node_;
  Clock& clock_;
  const Links& links_;
};

}  // namespace edda::sim
