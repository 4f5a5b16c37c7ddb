#include "world/store_reads.hpp"

#include <algorithm>
#include <variant>

#include "order/events.hpp"
#include "ports/read_limits.hpp"

namespace edda::sim {
namespace {

template <class Status>
bool wanted(const std::vector<Status>& statuses, Status status) {
  return statuses.empty() || std::ranges::find(statuses, status) != statuses.end();
}

template <class Row>
std::pair<Timestamp, Uuid> place_of(const Stored<Row>* stored) {
  return {stored->created_at, stored->row.id.value};
}

/// The rows that `matches`, newest first, cut to the window; `record` makes what is answered.
template <class Record, class Row, class Matches, class Make>
Result<ListPage<Record>> page_of(const std::unordered_map<Uuid, Stored<Row>>& view, const ListWindow& window,
                                 Matches matches, Make record) {
  std::vector<const Stored<Row>*> rows;
  for (const auto& [id, stored] : view) {
    if (matches(stored)) rows.push_back(&stored);
  }
  ListPage<Record> page;
  if (window.want_total) page.total = static_cast<std::int64_t>(rows.size());
  if (window.after) {
    const std::pair last(window.after->created_at, window.after->id);
    std::erase_if(rows, [&](const auto* row) { return place_of(row) >= last; });
  }
  std::ranges::sort(rows, [](const auto* a, const auto* b) { return place_of(a) > place_of(b); });
  const std::size_t limit = std::min(window.limit, list_rows_max);
  for (std::size_t i = window.offset; i < rows.size() && page.items.size() < limit; ++i) {
    TRY(Record made, record(*rows[i]));
    page.items.push_back(std::move(made));
  }
  page.has_more = rows.size() > window.offset && rows.size() - window.offset > limit;
  return page;
}

template <class Record>
constexpr auto as_it_is = [](const Record& stored) -> Result<Record> { return stored; };

Result<OrderRecord> record_of(const StoreData& data, const Stored<OrderRow>& stored) {
  OrderRecord record;
  static_cast<Stored<OrderRow>&>(record) = stored;
  const RecordedEvent& first = *data.event_of(stream_of(stored.row.id), StreamVersion{1});
  TRY(const auto event, order::decode(first.type, first.data));
  if (const auto* created = std::get_if<order::OrderCreated>(&event)) {
    record.items = created->items;
    record.shipping_address = created->shipping_address;
  }
  const auto payment = data.payments.find(stored.row.payment.value);
  if (payment != data.payments.end()) record.refunded_minor = payment->second.row.refunded_minor;
  return record;
}

}  // namespace

std::vector<RecordedEvent> read_stream(const StoreData& data, StreamId stream, StreamVersion after, std::size_t limit) {
  std::vector<RecordedEvent> events;
  const auto found = data.streams.find(stream);
  if (found == data.streams.end()) return events;
  const auto& places = found->second;
  const auto first = static_cast<std::size_t>(std::max<std::int64_t>(after.value, 0));
  for (std::size_t i = first; i < places.size() && events.size() < std::min(limit, events_read_max); ++i) {
    events.push_back(data.at(places[i]));
  }
  return events;
}

std::vector<RecordedEvent> read_shard(const StoreData& data, ShardId shard, Position after, std::size_t limit) {
  std::vector<RecordedEvent> events;
  if (shard.value >= data.shards.size()) return events;
  const auto& log = data.shards[shard.value].log;
  const auto first = static_cast<std::size_t>(std::max<std::int64_t>(after.value, 0));
  for (std::size_t i = first; i < log.size() && events.size() < std::min(limit, events_read_max); ++i) {
    events.push_back(log[i]);
  }
  return events;
}

EventStore::Backwards read_shard_backwards(const StoreData& data, ShardId shard, Position before,
                                           const std::optional<std::string>& type, std::size_t limit,
                                           std::size_t scan_limit) {
  EventStore::Backwards found{{}, Position{1}};
  if (shard.value >= data.shards.size()) return found;
  const auto& log = data.shards[shard.value].log;
  const std::size_t most = std::min(limit, events_read_max);
  auto position = std::clamp<std::int64_t>(before.value, 1, data.shards[shard.value].last().value + 1);
  const auto scanned = static_cast<std::int64_t>(std::min(scan_limit, events_read_max));
  const std::int64_t lowest = std::max<std::int64_t>(position - scanned, 1);
  found.scanned_to = Position{lowest};
  while (position > lowest && found.events.size() < most) {
    const RecordedEvent& event = log[static_cast<std::size_t>(--position - 1)];
    if (!type || event.type == *type) found.events.push_back(event);
  }
  if (!found.events.empty() && found.events.size() == most) found.scanned_to = found.events.back().position;
  return found;
}

Result<std::optional<OrderRecord>> find_order(const StoreData& data, OrderId id) {
  const auto found = data.orders.find(id.value);
  if (found == data.orders.end()) return std::nullopt;
  TRY(OrderRecord record, record_of(data, found->second));
  return record;
}

Result<ListPage<OrderRecord>> list_orders(const StoreData& data, const OrderFilter& filter, const ListWindow& window) {
  const auto matches = [&](const Stored<OrderRow>& stored) {
    return (!filter.user || stored.row.user == *filter.user) && wanted(filter.statuses, stored.row.status) &&
           (!filter.created_after || stored.created_at > *filter.created_after);
  };
  return page_of<OrderRecord>(data.orders, window, matches,
                              [&](const Stored<OrderRow>& stored) { return record_of(data, stored); });
}

Result<ListPage<PaymentRecord>> list_payments(const StoreData& data, const PaymentFilter& filter,
                                              const ListWindow& window) {
  const auto matches = [&](const Stored<PaymentRow>& stored) {
    return (!filter.user || stored.row.user == *filter.user) && (!filter.order || stored.row.order == *filter.order) &&
           wanted(filter.statuses, stored.row.status);
  };
  return page_of<PaymentRecord>(data.payments, window, matches, as_it_is<PaymentRecord>);
}

Result<ListPage<SagaRecord>> list_sagas(const StoreData& data, const SagaFilter& filter, const ListWindow& window) {
  const auto matches = [&](const Stored<SagaRow>& stored) {
    const SagaRow& saga = stored.row;
    return (!filter.user || saga.user == *filter.user) && (!filter.order || saga.order == *filter.order) &&
           wanted(filter.statuses, saga.status) && (!filter.definition || saga.definition == *filter.definition) &&
           (!filter.step || saga.current_step == *filter.step) &&
           (!filter.created_before || stored.created_at < *filter.created_before) &&
           (!filter.error_contains || saga.error.contains(*filter.error_contains));
  };
  return page_of<SagaRecord>(data.sagas, window, matches, as_it_is<SagaRecord>);
}

Result<ListPage<ProductRecord>> list_products(const StoreData& data, const ProductFilter& filter,
                                              const ListWindow& window) {
  const auto matches = [&](const Stored<ProductRow>& stored) {
    return (!filter.merchant || stored.row.merchant == *filter.merchant) &&
           (!filter.tracked || stored.row.tracked == *filter.tracked);
  };
  return page_of<ProductRecord>(data.products, window, matches, as_it_is<ProductRecord>);
}

Totals totals(const StoreData& data) {
  Totals all;
  for (const auto& [id, stored] : data.orders) ++all.orders[stored.row.status];
  for (const auto& [id, stored] : data.payments) ++all.payments[stored.row.status];
  for (const auto& [id, stored] : data.sagas) ++all.sagas[stored.row.status];
  all.events = data.event_counts;
  return all;
}

}  // namespace edda::sim
