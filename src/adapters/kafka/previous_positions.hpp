#pragma once

#include <array>
#include <optional>

#include "kafka/feed_message.hpp"
#include "ports/event_store.hpp"

namespace edda::kafka {

/// The last position of one shard in each topic, before the events that are published next. Known from the last publishing, else found
/// in the log, read backwards: what Kafka has is not asked, for it may have lost something.
class PreviousPositions {
 public:
  using Last = std::array<Position, feed_topics.size()>;

  /// As of just before `first`. What was found when the deadline ended a search is kept for the next one.
  /// Errors: those of the store; unavailable when time was out.
  Task<Result<Last>> before(EventStore& store, ShardId shard, Position first, Deadline deadline);

  /// What was published: `last` as it is just before `next`.
  void know(Position next, const Last& last);

 private:
  bool all_found() const;

  Position next_{-1};  ///< what is known holds just before this position
  std::array<std::optional<Position>, feed_topics.size()> found_;
  Position searched_to_{-1};  ///< everything from here up to `next_` was looked at
};

}  // namespace edda::kafka
