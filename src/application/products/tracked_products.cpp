#include "products/tracked_products.hpp"

#include <algorithm>
#include <mutex>

namespace edda::products {
namespace {

constexpr std::size_t page_rows = 500;

bool changes_products(const lanes::CommittedTurn& turn) {
  return std::ranges::any_of(turn.decision->events, [](const turn::DecidedEvent& decided) {
    const auto* event = std::get_if<stock::Event>(&decided.event);
    return event != nullptr &&
           (std::holds_alternative<stock::ProductCreated>(*event) || std::holds_alternative<stock::ProductChanged>(*event));
  });
}

/// How often any product was created or changed, in the whole store.
Task<Result<std::int64_t>> count_changes(ReadModels& views, Deadline deadline) {
  CO_TRY(const auto totals, co_await views.totals(deadline));
  std::int64_t changes = 0;
  for (const char* type : {"ProductCreated", "ProductChanged"})
    if (const auto found = totals.events.find(type); found != totals.events.end()) changes += found->second;
  co_return changes;
}

template <class Take>
Task<Result<void>> read_tracked(ReadModels& views, Take take, Deadline deadline) {
  ListWindow window;
  window.limit = page_rows;
  for (;;) {
    CO_TRY(const auto page, co_await views.list_products({.merchant = {}, .tracked = true}, window, deadline));
    for (const auto& record : page.items) take(record.row.product);
    if (!page.has_more || page.items.empty()) co_return Result<void>{};
    window.after = ListCursor{page.items.back().created_at, page.items.back().row.id.value};
  }
}

}  // namespace

Task<Result<void>> TrackedProducts::load(ReadModels& views, Deadline deadline) {
  CO_TRY(const std::int64_t changes, co_await count_changes(views, deadline));
  co_return co_await load_as_of(changes, views, deadline);
}

Task<Result<void>> TrackedProducts::refresh(ReadModels& views, Deadline deadline) {
  CO_TRY(const std::int64_t changes, co_await count_changes(views, deadline));
  if (changes == changes_) co_return Result<void>{};
  co_return co_await load_as_of(changes, views, deadline);
}

/// What is committed here while the pages are read may be missing from them: it is put on top.
Task<Result<void>> TrackedProducts::load_as_of(std::int64_t changes, ReadModels& views, Deadline deadline) {
  {
    const std::unique_lock lock(mutex_);
    meanwhile_.emplace();
  }
  Names found;
  const auto read = co_await read_tracked(views, [&](const std::string& product) { found.insert(product); }, deadline);
  const std::unique_lock lock(mutex_);
  const auto meanwhile = std::exchange(meanwhile_, std::nullopt);
  if (!read) co_return read;
  tracked_ = std::move(found);
  for (const auto& [product, tracked] : *meanwhile) put(product, tracked);
  count_.store(tracked_.size(), std::memory_order_release);
  changes_ = changes;
  co_return Result<void>{};
}

void TrackedProducts::on_commit(const std::vector<lanes::CommittedTurn>& turns) {
  for (const auto& turn : turns) {
    const stock::State& product = turn.decision->after.product;
    if (product.exists() && changes_products(turn)) set(product.product, product.tracked);
  }
}

bool TrackedProducts::any_of(const std::vector<order::Item>& items) const {
  if (size() == 0) return false;
  const std::shared_lock lock(mutex_);
  return std::ranges::any_of(items, [&](const order::Item& item) { return tracked_.contains(item.product_id); });
}

void TrackedProducts::set(const std::string& product, bool tracked) {
  const std::unique_lock lock(mutex_);
  if (meanwhile_) (*meanwhile_)[product] = tracked;
  put(product, tracked);
  count_.store(tracked_.size(), std::memory_order_release);
}

void TrackedProducts::put(const std::string& product, bool tracked) {
  if (tracked)
    tracked_.insert(product);
  else
    tracked_.erase(product);
}

}  // namespace edda::products
