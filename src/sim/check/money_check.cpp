#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "check/checks.hpp"

namespace edda::sim {
namespace {

/// "saga/step/direction", taken apart.
struct Key {
  SagaId saga;
  std::string step;
  std::string direction;
};

std::optional<Key> parse_key(std::string_view text) {
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto saga = parse_id<SagaId>(text.substr(0, first));
  const auto direction = text.substr(second + 1);
  if (!saga || (direction != "forward" && direction != "compensate")) return std::nullopt;
  return Key{*saga, std::string(text.substr(first + 1, second - first - 1)), std::string(direction)};
}

class MoneyCheck {
 public:
  MoneyCheck(const Evidence& evidence, const Story& story) : evidence_(evidence), story_(story) {
    for (const auto& [id, order] : story.orders)
      for (const auto& saga : order.now.sagas) orders_[saga.id] = &order;
  }

  void run() {
    for (const auto& effect : evidence_.gateway.effects()) {
      if (!count(effect)) return;
    }
    for (const auto& [id, order] : story_.orders)
      if (!judge(order)) return;
  }

 private:
  bool broken(std::string invariant, std::string what) {
    evidence_.kernel.broken(std::move(invariant), std::move(what));
    return false;
  }

  /// I9: one effect a key, one key a step and direction, no effect that belongs to nobody.
  bool count(const GatewayEffect& effect) {
    const auto key = parse_key(effect.key);
    if (!key) return broken("I9", "the gateway acted under a key that is not ours: " + effect.key);
    if (!keys_.insert(effect.key).second) return broken("I9", "two effects under " + effect.key);
    const auto order = orders_.find(key->saga);
    if (order == orders_.end()) return broken("I9", "the gateway acted for a saga that nobody started: " + effect.key);
    (effect.kind == GatewayEffect::Kind::charge ? charges_ : refunds_)[order->second].push_back(&effect);
    return true;
  }

  static bool waits(const OrderStory& order, SagaId saga) {
    const auto* state = order.now.find_saga(saga);
    return state != nullptr && waits_for_a_person(state->status);
  }

  bool judge(const OrderStory& order) { return charged(order) && refunded(order) && balanced(order); }

  bool charged(const OrderStory& order) {
    const auto& payment = order.now.payment;
    const auto& charges = charges_[&order];
    const auto name = to_string(order.now.order.id);
    if (charges.size() > 1) return broken("I9", fmt::format("order {} was charged {} times", name, charges.size()));
    if (payment.captured() != (charges.size() == 1)) {
      if (waits(order, order.now.order.saga)) return true;
      return broken("I7", fmt::format("order {}: the log says {}, the gateway {}", name, payment.captured() ? "charged" : "not charged",
                                      charges.empty() ? "not charged" : "charged"));
    }
    if (charges.empty()) return true;
    if (charges.front()->amount != payment.amount || payment.amount != order.now.order.total)
      return broken("I7", fmt::format("order {} was charged {} of {}", name, charges.front()->amount.minor, order.now.order.total.minor));
    return true;
  }

  bool refunded(const OrderStory& order) {
    const auto& payment = order.now.payment;
    const auto name = to_string(order.now.order.id);
    std::int64_t total = 0;
    std::map<SagaId, std::int64_t> by_saga;
    for (const auto* effect : refunds_[&order]) {
      by_saga[parse_key(effect->key)->saga] += effect->amount.minor;
      total += effect->amount.minor;
      const auto& charges = charges_[&order];
      if (charges.empty() || effect->charge != charges.front()->reference)
        return broken("I7", fmt::format("order {}: money of another charge ({}) went back", name, effect->charge));
    }
    if (total > payment.amount.minor) return broken("I8", fmt::format("order {}: {} refunded of {}", name, total, payment.amount.minor));
    for (const auto& refund : payment.refunds) {
      const auto paid_back = by_saga[refund.saga];
      by_saga.erase(refund.saga);
      const bool done = refund.status == payment::Refund::Status::refunded;
      if (done ? paid_back == refund.minor : paid_back == 0) continue;
      if (!done && waits(order, refund.saga)) continue;
      return broken("I7", fmt::format("order {}: a refund of {} is {} in the log, {} went back at the gateway", name, refund.minor,
                                      done ? "done" : "not done", paid_back));
    }
    if (!by_saga.empty()) return broken("R19", fmt::format("order {}: money went back that was not set aside", name));
    return true;
  }

  /// I7: what was taken and not given back belongs to an order that stands; anything else waits for a person.
  bool balanced(const OrderStory& order) {
    const auto& payment = order.now.payment;
    const auto status = order.now.order.status;
    const bool stands = status == OrderStatus::paid || status == OrderStatus::shipped || status == OrderStatus::delivered;
    const auto name = to_string(order.now.order.id);
    if (stands && !payment.captured()) return broken("I7", fmt::format("order {} is {} and was not paid", name, to_string(status)));
    const std::int64_t kept = payment.captured() ? payment.amount.minor - payment.refunded_minor() : 0;
    if (!stands && kept > 0 && !is_a_persons(order))
      return broken("I7", fmt::format("order {} is {} and {} of its money was kept", name, to_string(status), kept));
    return true;
  }

  const Evidence& evidence_;
  const Story& story_;
  std::map<SagaId, const OrderStory*> orders_;
  std::map<const OrderStory*, std::vector<const GatewayEffect*>> charges_;
  std::map<const OrderStory*, std::vector<const GatewayEffect*>> refunds_;
  std::set<std::string> keys_;
};

}  // namespace

void check_money(const Evidence& evidence, const Story& story) { MoneyCheck(evidence, story).run(); }

}  // namespace edda::sim
