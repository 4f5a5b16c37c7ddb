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

}  // namespace

Task<Result<void>> TrackedProducts::load(ReadModels& views, Deadline deadline) {
  ListWindow window;
  window.limit = page_rows;
  for (;;) {
    CO_TRY(const auto page, co_await views.list_products({.merchant = {}, .tracked = true}, window, deadline));
    for (const auto& record : page.items) set(record.row.product, true);
    if (!page.has_more || page.items.empty()) co_return Result<void>{};
    window.after = ListCursor{page.items.back().created_at, page.items.back().row.id.value};
  }
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
  if (tracked)
    tracked_.insert(product);
  else
    tracked_.erase(product);
  count_.store(tracked_.size(), std::memory_order_release);
}

}  // namespace edda::products
