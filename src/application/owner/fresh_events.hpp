#pragma once

#include <deque>
#include <vector>

#include "eventsourcing/event.hpp"
#include "lanes/turns.hpp"

namespace edda::owner {

/// The newest events of one shard as this node committed them: what follows a reader's position without a gap need not be read back.
/// Thread-safety: none.
class FreshEvents {
 public:
  /// Keeps at most `max` events; those of a single turn even if they are more.
  explicit FreshEvents(std::size_t max) : max_(max) {}

  /// The events of a turn of the shard. Whatever does not lead up to it without a gap, in the same generation of the store, is forgotten.
  void add(const lanes::CommittedTurn& committed);

  /// Takes out the next events after `after`, at most `limit`. Empty: what follows in the store of `generation` is not known, it must be asked.
  std::vector<RecordedEvent> take(Position after, std::size_t limit, const Uuid& generation);

 private:
  const std::size_t max_;
  Uuid generation_;
  std::deque<RecordedEvent> events_;  ///< ascending, without a gap
};

}  // namespace edda::owner
