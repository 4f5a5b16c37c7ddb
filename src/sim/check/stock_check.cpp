#include <fmt/format.h>

#include "check/checks.hpp"

namespace edda::sim {
namespace {

/// What is reserved belongs to an order that stands, or that a person must look at, or has looked at.
bool may_hold(const OrderStory& order) {
  const auto status = order.now.order.status;
  return status == OrderStatus::paid || status == OrderStatus::shipped || status == OrderStatus::delivered || order.stock_kept ||
         is_a_persons(order);
}

std::string wrong(const ProductStory& product, const Story& story) {
  if (!product.fault.empty()) return product.fault;
  std::int64_t held = 0;
  for (const auto& [key, reservation] : product.reserved) {
    held += reservation.second;
    const auto order = story.orders.find(reservation.first);
    if (order == story.orders.end() || !may_hold(order->second)) return fmt::format("is still held under {} for an order that does not stand", key);
  }
  if (held != product.now.held) return fmt::format("holds {}, reserved are {}", product.now.held, held);
  if (product.now.available + held != product.adjusted)
    return fmt::format("has {} and holds {} of {}", product.now.available, held, product.adjusted);
  return {};
}

}  // namespace

void check_stock(const Evidence& evidence, const Story& story) {
  for (const auto& [stream, product] : story.products) {
    const auto what = wrong(product, story);
    if (!what.empty()) return evidence.kernel.broken("I6", fmt::format("product {} {}", product.now.product, what));
  }
}

}  // namespace edda::sim
