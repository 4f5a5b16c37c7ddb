#include <algorithm>
#include <variant>

#include "memory/event_store.hpp"
#include "order/events.hpp"
#include "ports/read_limits.hpp"
#include "ports/view_difference.hpp"

namespace edda::memory {
namespace {

constexpr std::size_t differences_max = 20;

template <class Status>
bool wanted(const std::vector<Status>& statuses, Status status) {
  return statuses.empty() || std::ranges::find(statuses, status) != statuses.end();
}

template <class Row>
ListCursor cursor_of(const Stored<Row>& stored) {
  return {stored.created_at, stored.row.id.value};
}

bool before(const ListCursor& a, const ListCursor& b) {
  return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
}

/// The rows that `matches`, newest first, cut to the window; one row more than the limit tells that there are more.
template <class Row, class Matches>
std::vector<const Stored<Row>*> select(const std::map<Uuid, Stored<Row>>& view, const ListWindow& window,
                                       std::int64_t& total, Matches matches) {
  std::vector<const Stored<Row>*> rows;
  for (const auto& [id, stored] : view) {
    if (matches(stored)) rows.push_back(&stored);
  }
  if (window.want_total) total = static_cast<std::int64_t>(rows.size());
  if (window.after) std::erase_if(rows, [&](const auto* row) { return !before(cursor_of(*row), *window.after); });
  std::ranges::sort(rows, [](const auto* a, const auto* b) { return before(cursor_of(*b), cursor_of(*a)); });
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(window.offset, rows.size())));
  rows.resize(std::min(rows.size(), std::min(window.limit, list_rows_max) + 1));
  return rows;
}

template <class Record, class Row, class Make>
Result<ListPage<Record>> page_of(const std::vector<const Stored<Row>*>& rows, const ListWindow& window,
                                 std::int64_t total, Make make) {
  ListPage<Record> page{.items = {}, .has_more = rows.size() > std::min(window.limit, list_rows_max), .total = total};
  for (const auto* row : rows) {
    if (page.items.size() == std::min(window.limit, list_rows_max)) break;
    TRY(Record record, make(*row));
    page.items.push_back(std::move(record));
  }
  return page;
}

template <class Record>
constexpr auto as_it_is = [](const Record& stored) -> Result<Record> { return stored; };

}  // namespace

Result<OrderRecord> MemoryEventStore::record(const Stored<OrderRow>& stored) const {
  OrderRecord record;
  static_cast<Stored<OrderRow>&>(record) = stored;
  const RecordedEvent& first = event_at(streams_.at(stream_of(stored.row.id)).front());
  TRY(const auto event, order::decode(first.type, first.data));
  if (const auto* created = std::get_if<order::OrderCreated>(&event)) {
    record.items = created->items;
    record.shipping_address = created->shipping_address;
  }
  const auto payment = payments_.find(stored.row.payment.value);
  if (payment != payments_.end()) record.refunded_minor = payment->second.row.refunded_minor;
  return record;
}

Task<Result<std::optional<OrderRecord>>> MemoryEventStore::find_order(OrderId id, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = orders_.find(id.value);
  if (found == orders_.end()) co_return std::nullopt;
  CO_TRY(OrderRecord order, record(found->second));
  co_return order;
}

Task<Result<std::optional<PaymentRecord>>> MemoryEventStore::find_payment(PaymentId id, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = payments_.find(id.value);
  if (found == payments_.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<std::optional<SagaRecord>>> MemoryEventStore::find_saga(SagaId id, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = sagas_.find(id.value);
  if (found == sagas_.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<std::optional<ProductRecord>>> MemoryEventStore::find_product(ProductId id, Deadline) {
  const std::lock_guard guard(mutex_);
  const auto found = products_.find(id.value);
  if (found == products_.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<ListPage<OrderRecord>>> MemoryEventStore::list_orders(OrderFilter filter, ListWindow window, Deadline) {
  const std::lock_guard guard(mutex_);
  std::int64_t total = 0;
  const auto rows = select(orders_, window, total, [&](const Stored<OrderRow>& stored) {
    return (!filter.user || stored.row.user == *filter.user) && wanted(filter.statuses, stored.row.status) &&
           (!filter.created_after || stored.created_at > *filter.created_after);
  });
  co_return page_of<OrderRecord>(rows, window, total, [&](const auto& stored) { return record(stored); });
}

Task<Result<ListPage<PaymentRecord>>> MemoryEventStore::list_payments(PaymentFilter filter, ListWindow window,
                                                                      Deadline) {
  const std::lock_guard guard(mutex_);
  std::int64_t total = 0;
  const auto rows = select(payments_, window, total, [&](const Stored<PaymentRow>& stored) {
    return (!filter.user || stored.row.user == *filter.user) && (!filter.order || stored.row.order == *filter.order) &&
           wanted(filter.statuses, stored.row.status);
  });
  co_return page_of<PaymentRecord>(rows, window, total, as_it_is<PaymentRecord>);
}

Task<Result<ListPage<SagaRecord>>> MemoryEventStore::list_sagas(SagaFilter filter, ListWindow window, Deadline) {
  const std::lock_guard guard(mutex_);
  std::int64_t total = 0;
  const auto rows = select(sagas_, window, total, [&](const Stored<SagaRow>& stored) {
    const SagaRow& saga = stored.row;
    return (!filter.user || saga.user == *filter.user) && (!filter.order || saga.order == *filter.order) &&
           wanted(filter.statuses, saga.status) && (!filter.definition || saga.definition == *filter.definition) &&
           (!filter.step || saga.current_step == *filter.step) &&
           (!filter.created_before || stored.created_at < *filter.created_before) &&
           (!filter.error_contains || saga.error.contains(*filter.error_contains));
  });
  co_return page_of<SagaRecord>(rows, window, total, as_it_is<SagaRecord>);
}

Task<Result<ListPage<ProductRecord>>> MemoryEventStore::list_products(ProductFilter filter, ListWindow window,
                                                                      Deadline) {
  const std::lock_guard guard(mutex_);
  std::int64_t total = 0;
  const auto rows = select(products_, window, total, [&](const Stored<ProductRow>& stored) {
    return (!filter.merchant || stored.row.merchant == *filter.merchant) &&
           (!filter.tracked || stored.row.tracked == *filter.tracked);
  });
  co_return page_of<ProductRecord>(rows, window, total, as_it_is<ProductRecord>);
}

Task<Result<Totals>> MemoryEventStore::totals(Deadline) {
  const std::lock_guard guard(mutex_);
  Totals all;
  for (const auto& [id, stored] : orders_) ++all.orders[stored.row.status];
  for (const auto& [id, stored] : payments_) ++all.payments[stored.row.status];
  for (const auto& [id, stored] : sagas_) ++all.sagas[stored.row.status];
  for (const Shard& shard : shards_) {
    for (const RecordedEvent& event : shard.log) ++all.events[event.type];
  }
  co_return all;
}

void MemoryEventStore::overwrite(OrderRow row) {
  const std::lock_guard guard(mutex_);
  orders_[row.id.value].row = std::move(row);
}

template <class Row>
void MemoryEventStore::rebuild(View<Row>& view, const View<Row>& from_log, bool compare_only,
                               RebuildReport& report) const {
  const auto stored_in = [](const View<Row>& rows, const Uuid& id) {
    const auto found = rows.find(id);
    return found == rows.end() ? std::nullopt : std::optional(found->second);
  };
  const auto note = [&](const Uuid& id) {
    const auto line = difference(stored_in(view, id), stored_in(from_log, id));
    if (!line) return;
    ++report.rows_changed;
    if (report.differences.size() < differences_max) report.differences.push_back(*line);
  };
  for (const auto& [id, row] : from_log) note(id);
  for (const auto& [id, row] : view) {
    if (!from_log.contains(id)) note(id);
  }
  if (!compare_only) view = from_log;
}

Task<Result<RebuildReport>> MemoryEventStore::rebuild_views(StreamFold fold, bool compare_only,
                                                            std::function<void(std::int64_t)> progress, Deadline) {
  const std::lock_guard guard(mutex_);
  RebuildReport report;
  View<OrderRow> orders;
  View<PaymentRow> payments;
  View<SagaRow> sagas;
  View<ProductRow> products;
  for (const auto& [stream, places] : streams_) {
    std::vector<RecordedEvent> events;
    for (const Place& place : places) events.push_back(event_at(place));
    CO_TRY(const StreamRows rows, fold(events));
    const Timestamp first = events.front().at;
    const Timestamp last = events.back().at;
    for (const OrderRow& row : rows.orders) orders[row.id.value] = {row, first, last};
    for (const PaymentRow& row : rows.payments) payments[row.id.value] = {row, first, last};
    for (const SagaRow& row : rows.sagas) sagas[row.id.value] = {row, first, last};
    for (const ProductRow& row : rows.products) products[row.id.value] = {row, first, last};
    ++report.streams;
    report.events += static_cast<std::int64_t>(events.size());
  }
  rebuild(orders_, orders, compare_only, report);
  rebuild(payments_, payments, compare_only, report);
  rebuild(sagas_, sagas, compare_only, report);
  rebuild(products_, products, compare_only, report);
  if (progress) progress(report.streams);
  co_return report;
}

// Positions, versions and totals are counted here, not stored: only the keys could be wrong.
Task<Result<StoreFindings>> MemoryEventStore::check_log(Deadline) {
  const std::lock_guard guard(mutex_);
  StoreFindings found;
  found.streams = static_cast<std::int64_t>(streams_.size());
  found.keys = static_cast<std::int64_t>(keys_.size());
  for (const Shard& shard : shards_) found.events += static_cast<std::int64_t>(shard.log.size());
  for (const auto& [key, stored] : keys_) {
    if (version_of(stored.stream) >= std::max(stored.version, StreamVersion{1})) continue;
    ++found.findings_total;
    found.findings.push_back("A key names an event that does not exist.");
  }
  co_return found;
}

Task<Result<StoreStats>> MemoryEventStore::quick_stats(Deadline) { co_return StoreStats{}; }

}  // namespace edda::memory
