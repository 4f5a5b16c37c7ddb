#include "queries/trace.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace edda::queries {
namespace {

using Events = std::vector<RecordedEvent>;

// A rare type must not make one request read the whole log.
constexpr std::size_t type_scan_max = 100'000;

bool newer(const RecordedEvent& a, const RecordedEvent& b) {
  return std::tie(a.at, a.shard, a.position) > std::tie(b.at, b.shard, b.position);
}

Events newest(Events events, std::size_t limit) {
  std::ranges::sort(events, newer);
  if (events.size() > limit) events.resize(limit);
  return events;
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
  co_return newest(std::move(events), count);
}

Task<Result<Events>> Trace::latest_of_all(std::optional<std::string> type, std::size_t limit, Deadline deadline) {
  Events events;
  CO_TRY(const auto last, co_await store_.last_positions(deadline));
  for (std::size_t shard = 0; shard < last.size(); ++shard) {
    const ShardId id{static_cast<std::uint16_t>(shard)};
    const Position before{last[shard].value + 1};
    CO_TRY(auto found, co_await store_.read_shard_backwards(id, before, type, limit, type_scan_max, deadline));
    std::ranges::move(found.events, std::back_inserter(events));
  }
  co_return newest(std::move(events), limit);
}

Task<Result<Events>> Trace::latest_of_user(UserId user, std::optional<std::string> type, std::size_t limit,
                                           Deadline deadline) {
  Events events;
  OrderFilter own;
  own.user = user;
  CO_TRY(auto orders, co_await views_.list_orders(own, newest_rows(recent_orders_max), deadline));
  for (OrderRecord& order : orders.items) {
    CO_TRY(auto story, co_await story_of(std::move(order), deadline));
    std::ranges::move(story.events, std::back_inserter(events));
  }
  if (type) std::erase_if(events, [&](const RecordedEvent& event) { return event.type != *type; });
  co_return newest(std::move(events), limit);
}

Task<Result<void>> Trace::append_stream(Events& events, StreamId stream, StreamVersion after, std::size_t limit,
                                        Deadline deadline) {
  CO_TRY(auto found, co_await store_.read_stream(stream, after, limit, deadline));
  std::ranges::move(found, std::back_inserter(events));
  co_return Result<void>{};
}

}  // namespace edda::queries
