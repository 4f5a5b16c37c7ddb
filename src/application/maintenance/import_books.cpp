#include "maintenance/import_books.hpp"

#include <fmt/format.h>

#include "saga/definitions.hpp"

namespace edda::maintenance {
namespace {

using Key = std::pair<std::string, std::string>;
using Counts = std::map<Key, Count>;

constexpr std::size_t rows_a_page = 1'000;
constexpr std::string_view none = "-";

std::string text_of(const Count& count, Currency currency) {
  return fmt::format("{} over {} {}", count.rows, to_major_fixed({count.minor, currency}), currency.view());
}

void add_to(Count& count, std::int64_t rows, std::int64_t minor) {
  count.rows += rows;
  count.minor += minor;
}

std::vector<std::string> differences(const Counts& wanted, const Counts& found, std::string_view side, Currency currency) {
  std::vector<std::string> all;
  Counts keys = wanted;
  keys.insert(found.begin(), found.end());
  for (const auto& [key, ignored] : keys) {
    const auto a = wanted.find(key);
    const auto b = found.find(key);
    const Count imported = a == wanted.end() ? Count{} : a->second;
    const Count there = b == found.end() ? Count{} : b->second;
    if (imported == there) continue;
    all.push_back(fmt::format("{} {}: {} came through the import, {} stand in {}", key.first, key.second, text_of(imported, currency),
                              text_of(there, currency), side));
  }
  return all;
}

template <class Filter, class List, class Add>
Task<Result<void>> each_row(Filter filter, List list, Add add) {
  ListWindow window;
  window.limit = rows_a_page;
  for (bool more = true; more;) {
    CO_TRY(const auto page, co_await list(filter, window));
    for (const auto& record : page.items) add(record);
    more = page.has_more && !page.items.empty();
    if (more) window.after = ListCursor{page.items.back().created_at, page.items.back().row.id.value};
  }
  co_return Result<void>();
}

}  // namespace

void ImportBooks::add(std::string_view table, std::string_view from, std::string_view to, std::int64_t minor) {
  add_to(lines_[{std::string(table), std::string(from), std::string(to)}], 1, minor);
}

std::int64_t ImportBooks::minor_of(const std::string& amount) const {
  const auto money = parse_major(amount, currency_);
  return money ? money->minor : 0;
}

void ImportBooks::add_order(const replaced::OrderRecord& record, const ImportedOrder& told) {
  for (const LeftOut& row : told.left_out) add_left_out(row);
  if (!told.beginning) return;
  const auto& state = told.state;
  add("orders", record.status, to_string(state.order.status), state.order.total.minor);
  const bool has_payment = told.payment < record.payments.size();
  if (state.payment.exists()) {
    add("payments", has_payment ? record.payments[told.payment].status : none, to_string(state.payment.status), state.payment.amount.minor);
  }
  const bool has_saga = told.saga < record.sagas.size();
  const saga::State* saga = state.find_saga(state.order.saga);
  if (saga != nullptr) add("saga_instances", has_saga ? record.sagas[told.saga].status : none, to_string(saga->status), 0);
}

void ImportBooks::add_left_out(const LeftOut& row) { add(row.table, row.status, none, minor_of(row.amount)); }

void ImportBooks::add_user(std::string_view status) { add("users", status, status, 0); }

std::vector<BookLine> ImportBooks::lines() const {
  std::vector<BookLine> all;
  for (const auto& [key, count] : lines_) all.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  return all;
}

std::vector<std::string> ImportBooks::compare_with_replaced(const std::vector<replaced::Sum>& sums) const {
  Counts came;
  for (const auto& [key, count] : lines_) {
    if (std::get<1>(key) != none) add_to(came[{std::get<0>(key), std::get<1>(key)}], count.rows, count.minor);
  }
  Counts there;
  for (const auto& sum : sums) add_to(there[{sum.table, sum.status}], sum.count, minor_of(sum.amount));
  return differences(came, there, "the replaced system", currency_);
}

std::vector<std::string> ImportBooks::compare_with_stored(const Counts& stored) const {
  Counts came;
  for (const auto& [key, count] : lines_) {
    if (std::get<0>(key) != "users" && std::get<2>(key) != none) {
      add_to(came[{std::get<0>(key), std::get<2>(key)}], count.rows, count.minor);
    }
  }
  return differences(came, stored, "the store", currency_);
}

Task<Result<Counts>> count_stored(ReadModels& views, Deadline deadline) {
  Counts counts;
  CO_TRY_VOID(co_await each_row(
      OrderFilter{}, [&](const auto& filter, const auto& window) { return views.list_orders(filter, window, deadline); },
      [&](const OrderRecord& r) { add_to(counts[{"orders", std::string(to_string(r.row.status))}], 1, r.row.total.minor); }));
  CO_TRY_VOID(co_await each_row(
      PaymentFilter{}, [&](const auto& filter, const auto& window) { return views.list_payments(filter, window, deadline); },
      [&](const PaymentRecord& r) { add_to(counts[{"payments", std::string(to_string(r.row.status))}], 1, r.row.amount.minor); }));
  SagaFilter own;
  own.definition = std::string(saga::order_processing.name);
  CO_TRY_VOID(co_await each_row(
      own, [&](const auto& filter, const auto& window) { return views.list_sagas(filter, window, deadline); },
      [&](const SagaRecord& r) { add_to(counts[{"saga_instances", std::string(to_string(r.row.status))}], 1, 0); }));
  co_return counts;
}

}  // namespace edda::maintenance
