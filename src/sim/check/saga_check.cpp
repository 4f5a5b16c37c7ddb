#include <fmt/format.h>

#include "check/checks.hpp"

namespace edda::sim {
namespace {

/// Every accepted order is at its end, or a person must look at it (promise 2).
std::string unended(const OrderStory& order) {
  const auto status = order.now.order.status;
  if ((status == OrderStatus::pending || status == OrderStatus::cancelling) && !is_a_persons(order))
    return fmt::format("is {} and nobody will carry it on", to_string(status));
  if (!order.now.find_saga(order.now.order.saga)) return "has no saga";
  return {};
}

}  // namespace

void check_sagas(const Evidence& evidence, const Story& story) {
  const auto left = unfinished(evidence.store.data());
  if (!left.empty()) return evidence.kernel.broken("I23", left);
  for (const auto& [id, order] : story.orders) {
    if (!order.faults.empty()) return evidence.kernel.broken("I22", fmt::format("order {}: {}", to_string(id), order.faults.front()));
    const auto what = unended(order);
    if (!what.empty()) return evidence.kernel.broken("I1", fmt::format("order {} {}", to_string(id), what));
  }
}

}  // namespace edda::sim
