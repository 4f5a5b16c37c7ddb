#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "check/checks.hpp"

namespace edda::sim {
namespace {

using Told = Wish::Told;
using Orders = std::map<std::size_t, std::vector<const OrderStory*>>;

/// Empty: the order is where its client was told it is, or further.
std::string lost(const Wish& wish, const OrderStory* order) {
  if (order == nullptr) return "its order is not there";
  const auto version = static_cast<std::size_t>(wish.version.value);
  if (version == 0 || version > order->statuses.size())
    return fmt::format("it was told version {}, there are {}", version, order->statuses.size());
  if (order->statuses[version - 1] != wish.status)
    return fmt::format("it was told {}, version {} is {}", to_string(wish.status), version, to_string(order->statuses[version - 1]));
  return {};
}

/// Empty: what was promised is kept.
std::string unkept(const Wish& wish, const OrderStory& order) {
  const auto has = [&](OrderStatus status) { return std::ranges::find(order.statuses, status) != order.statuses.end(); };
  switch (wish.kind) {
    case Wish::Kind::place:
      if (order.now.order.total != wish.total || order.now.order.user != wish.user) return "its order is another's";
      return {};
    case Wish::Kind::cancel:
      return order.now.order.status == OrderStatus::cancelled || is_a_persons(order) ? "" : "its order was not cancelled";
    case Wish::Kind::ship: return has(OrderStatus::shipped) ? "" : "its order was not shipped";
    case Wish::Kind::deliver: return has(OrderStatus::delivered) ? "" : "its order was not delivered";
    case Wish::Kind::refund: {
      const auto refunds = std::ranges::count_if(order.now.payment.refunds, [&](const payment::Refund& refund) {
        return refund.saga == wish.saga && refund.minor == wish.minor;
      });
      return refunds == 1 ? "" : fmt::format("its refund stands {} times", refunds);
    }
  }
  return {};
}

std::string placed_wrongly(const Wish& wish, const std::vector<const OrderStory*>& orders) {
  if (wish.kind != Wish::Kind::place) return {};
  if (orders.size() > 1) return fmt::format("{} orders were placed", orders.size());
  if (wish.told == Told::nothing && !wish.doubtful && !orders.empty()) return "it was told that nothing was done, and an order was placed";
  if (wish.misused && (wish.told == Told::done || !orders.empty())) return "its key stood for another order";
  if (wish.told == Told::refused && !orders.empty()) return "it was refused, and an order was placed";
  return {};
}

}  // namespace

void check_clients(const Evidence& evidence, const Story& story) {
  Orders placed;
  for (const auto& [id, order] : story.orders) placed[wish_of(order.address)].push_back(&order);
  for (const Wish& wish : evidence.ledger.wishes()) {
    const auto told = [&](std::string_view invariant, const std::string& what) {
      evidence.kernel.broken(std::string(invariant), fmt::format("wish {} of {}: {}", wish.number, to_string(wish.user), what));
    };
    if (const auto what = placed_wrongly(wish, placed[wish.number]); !what.empty()) return told("I2", what);
    if (wish.told != Told::done) continue;
    const auto found = story.orders.find(wish.order);
    const auto* order = found == story.orders.end() ? nullptr : &found->second;
    if (const auto what = lost(wish, order); !what.empty()) return told("I3", what);
    if (const auto what = unkept(wish, *order); !what.empty()) return told("P1", what);
  }
}

void check_operators(const Evidence& evidence, const Story& story) {
  std::map<std::string, int> taken;
  for (const auto& [id, order] : story.orders)
    for (const auto& reason : order.acts) ++taken[reason];
  for (const Act& act : evidence.ledger.acts()) {
    const int times = taken[reason_of(act.number)];
    const int least = act.told == Told::done ? 1 : 0;
    // A refusal is that request's: an earlier one in doubt may have been decided later, when it was not refused any more.
    const int most = act.told == Told::done || act.doubtful ? 1 : 0;
    if (times < least || times > most)
      return evidence.kernel.broken("P1", fmt::format("act {} on {} was told {}, and stands {} times", act.number, to_string(act.saga),
                                                      act.told == Told::done ? "that it was done" : "that it was not done", times));
  }
}

}  // namespace edda::sim
