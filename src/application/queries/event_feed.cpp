#include "queries/event_feed.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <tuple>
#include <utility>

#include "ports/read_limits.hpp"

namespace edda::queries {
namespace {

// What one page looks at, at most: a rare type or a customer with few orders must not make one request read the whole log.
constexpr std::size_t scan_events_max = 20'000;
constexpr std::size_t chunk_events = 256;
// Nearer to the end than this, reading on is cheaper than putting the streams together.
constexpr std::int64_t scan_is_cheaper = 1'000;
constexpr std::size_t owners_max = 20'000;

bool matches(const EventQuery& query, const RecordedEvent& event) {
  return (!query.type || event.type == *query.type) && (!query.stream || event.stream == *query.stream) &&
         (!query.correlation || event.correlation == *query.correlation);
}

/// The one shard that a query concerns, if it is one.
std::optional<ShardId> only_shard(const EventQuery& query, std::uint16_t shards) {
  if (query.correlation) return shard_of(query.correlation->value, shards);
  if (query.stream) return shard_of(query.stream->value, shards);
  return std::nullopt;
}

}  // namespace

/// One shard's part of a scan.
struct EventFeed::Source {
  ShardId shard;
  Position read_to;
  std::deque<EventPtr> waiting = {};
  bool exhausted = false;

  bool earlier_than(const Source& other) const {
    const auto key = [](const Source& s) { return std::tuple(s.waiting.front()->at, s.shard); };
    return key(*this) < key(other);
  }
};

EventFeed::EventFeed(EventStore& store, ReadModels& views) : store_(store), views_(views), tail_(store) {}

Task<Result<Positions>> EventFeed::end(Deadline deadline) { co_return co_await store_.last_positions(deadline); }

Task<Result<EventPage>> EventFeed::after(Positions from, EventQuery query, std::size_t limit, Read read,
                                         Deadline deadline) {
  if (const auto shard = only_shard(query, store_.info().shards); shard && read == Read::to_the_end) {
    CO_TRY(const auto last, co_await store_.last_positions(deadline));
    if (last.at(shard->value).value - from.at(shard->value).value > scan_is_cheaper) {
      co_return co_await from_streams(std::move(from), last[shard->value], std::move(query), limit, deadline);
    }
  }
  co_return co_await scan(std::move(from), std::move(query), limit, read, deadline);
}

Task<Result<void>> EventFeed::fill(std::vector<Source>& sources, Read read, Deadline deadline) {
  for (Source& source : sources) {
    if (source.exhausted || !source.waiting.empty()) continue;
    CO_TRY(auto chunk, co_await tail_.read(source.shard, source.read_to, chunk_events, deadline));
    const bool short_one = chunk.events.size() < chunk_events;
    source.exhausted = short_one && (!chunk.from_memory || read == Read::follow);
    if (!chunk.events.empty()) source.read_to = chunk.events.back()->position;
    std::ranges::move(chunk.events, std::back_inserter(source.waiting));
  }
  co_return Result<void>{};
}

Task<Result<EventPage>> EventFeed::scan(Positions from, EventQuery query, std::size_t limit, Read read,
                                        Deadline deadline) {
  std::vector<Source> sources;
  const auto only = only_shard(query, store_.info().shards);
  for (std::uint16_t shard = 0; shard < from.size(); ++shard) {
    if (!only || only->value == shard) sources.push_back({ShardId{shard}, from[shard]});
  }
  EventPage page{.next = std::move(from)};
  std::size_t bytes = 0;
  for (std::size_t looked_at = 0;; ++looked_at) {
    CO_TRY_VOID(co_await fill(sources, read, deadline));
    Source* first = nullptr;
    for (Source& source : sources) {
      if (!source.waiting.empty() && (first == nullptr || source.earlier_than(*first))) first = &source;
    }
    if (first == nullptr) co_return page;
    if (page.events.size() == limit || bytes > answer_bytes_max || looked_at == scan_events_max) {
      page.has_more = true;
      co_return page;
    }
    const EventPtr event = std::move(first->waiting.front());
    first->waiting.pop_front();
    CO_TRY(const bool shown, co_await shows(query, *event, deadline));
    page.next[event->shard.value] = event->position;
    if (!shown) continue;
    bytes += event->data.size();
    page.events.push_back(event);
  }
}

Task<Result<EventPage>> EventFeed::from_streams(Positions from, Position last, EventQuery query,
                                                std::size_t limit, Deadline deadline) {
  const auto shard = only_shard(query, store_.info().shards)->value;
  std::vector<EventPtr> events;
  if (query.stream) {
    CO_TRY(events, co_await read_stream(*query.stream, from.at(shard), deadline));
  } else {
    CO_TRY(events, co_await story(*query.correlation, from.at(shard), limit + scan_events_max, deadline));
  }
  EventPage page{.next = std::move(from)};
  for (const EventPtr& event : events) {
    CO_TRY(const bool shown, co_await shows(query, *event, deadline));
    if (shown && page.events.size() == limit) {
      page.has_more = true;
      co_return page;
    }
    page.next[shard] = event->position;
    if (shown) page.events.push_back(event);
  }
  page.has_more = events.size() == limit + scan_events_max;
  // The streams were read after `last` was: whatever they lack comes behind it.
  if (!page.has_more) page.next[shard] = std::max(page.next[shard], last);
  co_return page;
}

Task<Result<std::vector<EventPtr>>> EventFeed::story(OrderId order, Position from, std::size_t limit,
                                                     Deadline deadline) {
  std::vector<EventPtr> events;
  CO_TRY(const auto record, co_await views_.find_order(order, deadline));
  if (!record) co_return events;
  std::vector<StreamId> streams{stream_of(order), stream_of(record->row.payment)};
  SagaFilter filter;
  filter.order = order;
  ListWindow window{.after = {}, .offset = 0, .limit = 100, .want_total = false};
  for (bool more = true; more;) {
    CO_TRY(const auto sagas, co_await views_.list_sagas(filter, window, deadline));
    for (const SagaRecord& saga : sagas.items) streams.push_back(stream_of(saga.row.id));
    more = sagas.has_more && !sagas.items.empty();
    if (more) window.after = ListCursor{sagas.items.back().created_at, sagas.items.back().row.id.value};
  }
  for (const StreamId stream : streams) {
    CO_TRY(auto found, co_await read_stream(stream, from, deadline));
    std::ranges::move(found, std::back_inserter(events));
  }
  std::ranges::sort(events, {}, [](const EventPtr& event) { return event->position; });
  if (events.size() > limit) events.resize(limit);
  co_return events;
}

Task<Result<std::vector<EventPtr>>> EventFeed::read_stream(StreamId stream, Position from, Deadline deadline) {
  std::vector<EventPtr> events;
  StreamVersion after{0};
  for (bool more = !stream.is_nil(); more;) {
    CO_TRY(auto found, co_await store_.read_stream(stream, after, chunk_events, deadline));
    more = found.size() == chunk_events;
    if (!found.empty()) after = found.back().version;
    for (RecordedEvent& event : found) {
      if (event.position > from) events.push_back(std::make_shared<const RecordedEvent>(std::move(event)));
    }
  }
  co_return events;
}

Task<Result<bool>> EventFeed::shows(const EventQuery& query, const RecordedEvent& event, Deadline deadline) {
  if (!matches(query, event)) co_return false;
  if (!query.visibility.only) co_return true;
  CO_TRY(const auto owner, co_await owner_of(event.correlation, deadline));
  co_return owner && query.visibility.allows(*owner);
}

Task<Result<std::optional<UserId>>> EventFeed::owner_of(OrderId order, Deadline deadline) {
  if (const auto known = owners_.find(order); known != owners_.end()) co_return known->second;
  CO_TRY(const auto record, co_await views_.find_order(order, deadline));
  if (!record) co_return std::optional<UserId>{};
  if (owners_.size() >= owners_max) owners_.clear();
  owners_.emplace(order, record->row.user);
  co_return record->row.user;
}

}  // namespace edda::queries
