#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "queries/cursor.hpp"
#include "queries/log_tail.hpp"
#include "queries/visibility.hpp"

namespace edda::queries {

/// Which events of the log somebody wants, and may see.
struct EventQuery {
  std::optional<std::string> type = {};
  std::optional<StreamId> stream = {};
  std::optional<OrderId> correlation = {};
  Visibility visibility = {};
};

struct EventPage {
  std::vector<EventPtr> events = {};  ///< ascending within each shard; shards are merged by time
  Positions next = {};                ///< where to go on, also after the last event
  bool has_more = false;              ///< there may be more: with a filter a page can be short, or empty, and still have a next one
};

/// The whole log as pages and for followers: all shards at once, resumable at any event without a gap and without doubles.
/// A page looks at a bounded number of events and bytes, whatever the filter lets through.
/// Thread-safety: on the one I/O thread. Errors of all calls: unavailable, corrupt.
class EventFeed {
 public:
  EventFeed(EventStore& store, ReadModels& views);

  Positions beginning() const { return Positions(store_.info().shards); }
  Task<Result<Positions>> end(Deadline deadline);

  /// Whether all there is must be seen (a list), or a commit that is just being signalled may wait for the next look (a follower).
  enum class Read { to_the_end, follow };
  Task<Result<EventPage>> after(Positions from, EventQuery query, std::size_t limit, Read read, Deadline deadline);

  /// All events of one order's streams with position > `from` in its shard, in the order of the log, at most `limit`.
  Task<Result<std::vector<EventPtr>>> story(OrderId order, Position from, std::size_t limit, Deadline deadline);

 private:
  struct Source;
  Task<Result<EventPage>> scan(Positions from, EventQuery query, std::size_t limit, Read read, Deadline deadline);
  Task<Result<EventPage>> from_streams(Positions from, Position last, EventQuery query, std::size_t limit,
                                       Deadline deadline);
  Task<Result<void>> fill(std::vector<Source>& sources, Read read, Deadline deadline);
  Task<Result<bool>> shows(const EventQuery& query, const RecordedEvent& event, Deadline deadline);
  Task<Result<std::optional<UserId>>> owner_of(OrderId order, Deadline deadline);
  Task<Result<std::vector<EventPtr>>> read_stream(StreamId stream, Position from, Deadline deadline);

  EventStore& store_;
  ReadModels& views_;
  LogTail tail_;
  std::unordered_map<OrderId, UserId> owners_;  ///< never changes for an order; emptied when full
};

}  // namespace edda::queries
