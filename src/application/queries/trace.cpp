#include "queries/trace.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "ports/read_limits.hpp"
#include "queries/row_reader.hpp"

namespace edda::queries {
namespace {

using Events = std::vector<RecordedEvent>;

// A rare type must not make one request read the whole log.
constexpr std::size_t type_scan_max = 100'000;
// One OrderCreated can be as large as a body.
constexpr std::size_t events_at_once = 25;

bool newer(const RecordedEvent& a, const RecordedEvent& b) {
  return std::tie(a.at, a.shard, a.position) > std::tie(b.at, b.shard, b.position);
}

/// Keeps the newest: at most `limit`, and no more than follow until answer_bytes_max are passed. True when that is all
/// there is room for.
bool keep_newest(Events& events, std::size_t limit) {
  std::ranges::sort(events, newer);
  std::size_t kept = 0;
  for (std::size_t bytes = 0; kept < events.size() && kept < limit && bytes <= answer_bytes_max; ++kept) {
    bytes += events[kept].data.size();
  }
  const bool full = kept == limit || kept < events.size();
  events.resize(kept);
  return full;
}

template <class Filter>
Filter of_user(UserId user) {
  Filter filter;
  filter.user = user;
  return filter;
}

template <class Record>
Task<Result<void>> collect(std::vector<Trace::StreamRow>& streams, RowReader<Record> rows) {
  while (true) {
    CO_TRY(const auto record, co_await rows.next());
    if (!record) co_return Result<void>{};
    streams.push_back({stream_of(record->row.id), record->row.version, record->updated_at});
  }
}

ListWindow newest_rows(std::size_t limit) {
  ListWindow window;
  window.limit = limit;
  return window;
}

StreamVersion before_last(StreamVersion version, std::size_t count) {
  return StreamVersion{std::max<std::int64_t>(0, version.value - static_cast<std::int64_t>(count))};
}

}  // namespace

const SagaRecord* Story::processing_saga() const {
  const auto found = std::ranges::find(sagas, order.row.saga, [](const SagaRecord& saga) { return saga.row.id; });
  return found == sagas.end() ? nullptr : &*found;
}

Task<Result<std::optional<OrderRecord>>> Trace::find_by_correlation(std::string correlation, Visibility visibility,
                                                                    Deadline deadline) {
  std::optional<OrderRecord> order;
  if (const auto id = parse_id<OrderId>(correlation)) {
    CO_TRY(order, co_await views_.find_order(*id, deadline));
  }
  if (!order) {
    CO_TRY(const auto holder, co_await orders_.find_by_claimed_key(std::move(correlation), deadline));
    if (holder) {
      CO_TRY(order, co_await views_.find_order(*holder, deadline));
    }
  }
  if (order && !visibility.allows(order->row.user)) order.reset();
  co_return order;
}

Task<Result<Story>> Trace::story_of(OrderRecord order, Deadline deadline) {
  Story story;
  CO_TRY(story.payment, co_await views_.find_payment(order.row.payment, deadline));
  SagaFilter of_order;
  of_order.order = order.row.id;
  CO_TRY(auto sagas, co_await views_.list_sagas(of_order, newest_rows(story_sagas_max), deadline));
  story.sagas = std::move(sagas.items);
  std::ranges::reverse(story.sagas);
  constexpr StreamVersion start{0};
  CO_TRY_VOID(
      co_await append_stream(story.events, stream_of(order.row.id), start, story_events_per_stream_max, deadline));
  CO_TRY_VOID(
      co_await append_stream(story.events, stream_of(order.row.payment), start, story_events_per_stream_max, deadline));
  for (const SagaRecord& saga : story.sagas) {
    CO_TRY_VOID(
        co_await append_stream(story.events, stream_of(saga.row.id), start, story_events_per_stream_max, deadline));
  }
  std::ranges::sort(story.events, {}, &RecordedEvent::position);
  story.order = std::move(order);
  co_return story;
}

Task<Result<Events>> Trace::latest_events(Visibility visibility, std::optional<std::string> type, std::size_t limit,
                                          Deadline deadline) {
  if (visibility.only) co_return co_await latest_of_user(*visibility.only, std::move(type), limit, deadline);
  co_return co_await latest_of_all(std::move(type), limit, deadline);
}

Task<Result<Events>> Trace::last_events(OrderRecord order, std::optional<PaymentRecord> payment, SagaRecord saga,
                                        std::size_t count, Deadline deadline) {
  Events events;
  CO_TRY_VOID(
      co_await append_stream(events, stream_of(order.row.id), before_last(order.row.version, count), count, deadline));
  if (payment) {
    CO_TRY_VOID(co_await append_stream(events, stream_of(payment->row.id), before_last(payment->row.version, count),
                                       count, deadline));
  }
  CO_TRY_VOID(
      co_await append_stream(events, stream_of(saga.row.id), before_last(saga.row.version, count), count, deadline));
  keep_newest(events, count);
  co_return events;
}

Task<Result<Events>> Trace::latest_of_all(std::optional<std::string> type, std::size_t limit, Deadline deadline) {
  Events events;
  CO_TRY(const auto last, co_await store_.last_positions(deadline));
  for (std::size_t shard = 0; shard < last.size(); ++shard) {
    const ShardId id{static_cast<std::uint16_t>(shard)};
    CO_TRY(auto found, co_await latest_of_shard(id, last[shard], type, limit, deadline));
    std::ranges::move(found, std::back_inserter(events));
    keep_newest(events, limit);
  }
  co_return events;
}

Task<Result<Events>> Trace::latest_of_shard(ShardId shard, Position last, std::optional<std::string> type,
                                            std::size_t limit, Deadline deadline) {
  Events events;
  Position before{last.value + 1};
  std::size_t to_scan = type_scan_max;
  while (true) {
    const std::size_t wanted = std::min(limit - events.size(), events_at_once);
    CO_TRY(auto found, co_await store_.read_shard_backwards(shard, before, type, wanted, to_scan, deadline));
    const bool ended = found.events.size() < wanted;
    std::ranges::move(found.events, std::back_inserter(events));
    if (ended || keep_newest(events, limit)) co_return events;
    to_scan -= std::min(to_scan, static_cast<std::size_t>(before.value - found.scanned_to.value));
    before = found.scanned_to;
  }
}

Task<Result<Events>> Trace::latest_of_user(UserId user, std::optional<std::string> type, std::size_t limit,
                                           Deadline deadline) {
  CO_TRY(auto streams, co_await streams_of(user, type, deadline));
  std::ranges::sort(streams, std::ranges::greater{}, &StreamRow::updated_at);
  Events events;
  bool full = false;
  for (const StreamRow& stream : streams) {
    // All that is left is older than what there is.
    if (full && (events.empty() || stream.updated_at < events.back().at)) break;
    const StreamVersion after = type ? StreamVersion{0} : before_last(stream.version, limit);
    CO_TRY_VOID(co_await append_stream(events, stream.id, after, story_events_per_stream_max, deadline));
    if (type) std::erase_if(events, [&](const RecordedEvent& event) { return event.type != *type; });
    full = keep_newest(events, limit);
  }
  co_return events;
}

Task<Result<std::vector<Trace::StreamRow>>> Trace::streams_of(UserId user, std::optional<std::string> type,
                                                              Deadline deadline) {
  ListWindow window;
  window.limit = list_rows_max;
  const auto wanted = [&](std::string_view kind) { return !type || type->starts_with(kind); };
  std::vector<StreamRow> streams;
  if (wanted("Order")) {
    CO_TRY_VOID(co_await collect(streams, read_orders(views_, of_user<OrderFilter>(user), window, deadline)));
  }
  if (wanted("Payment")) {
    CO_TRY_VOID(co_await collect(streams, read_payments(views_, of_user<PaymentFilter>(user), window, deadline)));
  }
  if (wanted("Saga")) {
    CO_TRY_VOID(co_await collect(streams, read_sagas(views_, of_user<SagaFilter>(user), window, deadline)));
  }
  co_return streams;
}

Task<Result<void>> Trace::append_stream(Events& events, StreamId stream, StreamVersion after, std::size_t limit,
                                        Deadline deadline) {
  CO_TRY(auto found, co_await store_.read_stream(stream, after, limit, deadline));
  std::ranges::move(found, std::back_inserter(events));
  co_return Result<void>{};
}

}  // namespace edda::queries
