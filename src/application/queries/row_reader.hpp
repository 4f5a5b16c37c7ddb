#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "base/result.hpp"
#include "ports/read_models.hpp"
#include "ports/task.hpp"

namespace edda::queries {

/// The rows of a list one by one, read from the views a few at a time: an order can be as large as the body that placed
/// it (1 MiB), so a page of a thousand must never stand in memory whole. A row comes once, also when others are written
/// meanwhile. Thread-safety: one caller at a time. Lifetime: outlives the tasks it gives.
template <class Record>
class RowReader {
 public:
  using Read = std::function<Task<Result<ListPage<Record>>>(ListWindow)>;

  RowReader(ListWindow window, Read read) : window_(window), left_(window.limit), read_(std::move(read)) {}

  /// The window's next row; nothing after its last. Errors: as the list's.
  Task<Result<std::optional<Record>>> next() {
    if (rows_.empty()) CO_TRY_VOID(co_await fill());
    if (rows_.empty()) co_return std::optional<Record>{};
    std::optional<Record> row(std::move(rows_.front()));
    rows_.pop_front();
    co_return row;
  }

  /// How many rows the whole list has, if the window asked for that.
  Task<Result<std::int64_t>> total() {
    if (!started_) CO_TRY_VOID(co_await fill());
    co_return total_;
  }

  /// Whether the list goes on after the last row that was given.
  bool has_more() const { return !rows_.empty() || has_more_; }

 private:
  static constexpr std::size_t rows_at_once = 25;

  Task<Result<void>> fill() {
    if (started_ && (left_ == 0 || !has_more_)) co_return Result<void>{};
    ListWindow piece = window_;
    piece.limit = std::min(left_, rows_at_once);
    CO_TRY(auto page, co_await read_(piece));
    if (!started_) total_ = page.total;
    started_ = true;
    has_more_ = page.has_more;
    left_ -= std::min(left_, page.items.size());
    window_.want_total = false;
    if (!page.items.empty()) {
      const Record& last = page.items.back();
      window_.after = ListCursor{last.created_at, last.row.id.value};
      window_.offset = 0;
    }
    std::ranges::move(page.items, std::back_inserter(rows_));
    co_return Result<void>{};
  }

  ListWindow window_;  ///< of the next piece
  std::size_t left_;   ///< rows of the window that were not read yet
  Read read_;
  std::deque<Record> rows_;
  std::int64_t total_ = 0;
  bool started_ = false;
  bool has_more_ = false;
};

// The rows that `filter` lets through. `views` outlives the reader.

inline RowReader<OrderRecord> read_orders(ReadModels& views, OrderFilter filter, ListWindow window, Deadline deadline) {
  return {window, [&views, filter = std::move(filter), deadline](ListWindow piece) {
            return views.list_orders(filter, piece, deadline);
          }};
}
inline RowReader<PaymentRecord> read_payments(ReadModels& views, PaymentFilter filter, ListWindow window,
                                              Deadline deadline) {
  return {window, [&views, filter = std::move(filter), deadline](ListWindow piece) {
            return views.list_payments(filter, piece, deadline);
          }};
}
inline RowReader<SagaRecord> read_sagas(ReadModels& views, SagaFilter filter, ListWindow window, Deadline deadline) {
  return {window, [&views, filter = std::move(filter), deadline](ListWindow piece) {
            return views.list_sagas(filter, piece, deadline);
          }};
}

inline RowReader<ProductRecord> read_products(ReadModels& views, ProductFilter filter, ListWindow window,
                                              Deadline deadline) {
  return {window, [&views, filter, deadline](ListWindow piece) { return views.list_products(filter, piece, deadline); }};
}

}  // namespace edda::queries
