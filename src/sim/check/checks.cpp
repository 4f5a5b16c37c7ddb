#include "check/checks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::sim {
namespace {

/// The publisher's cursor (owner/publisher.hpp).
const std::string feed_reader = "feed";

}  // namespace

std::string unfinished(const StoreData& data) {
  const Stored<SagaRow>* first = nullptr;
  for (const auto& [id, stored] : data.sagas)
    if (is_live(stored.row.status) && !waits_for_a_person(stored.row.status) && (first == nullptr || stored.row.id < first->row.id))
      first = &stored;
  if (first == nullptr) return {};
  return fmt::format("saga {} of order {} is {} at {}", to_string(first->row.id), to_string(first->row.order),
                     to_string(first->row.status), first->row.current_step);
}

Position published_up_to(const StoreData& data, std::size_t shard) {
  const auto cursor = data.cursors.find({ShardId{static_cast<std::uint16_t>(shard)}, feed_reader});
  return cursor == data.cursors.end() ? Position{} : cursor->second.position;
}

std::string unpublished(const StoreData& data) {
  for (std::size_t i = 0; i < data.shards.size(); ++i) {
    const Position last = data.shards[i].last();
    const Position at = published_up_to(data, i);
    if (at < last) return fmt::format("the feed's cursor stands at {} of {} in shard {}", at.value, last.value, i);
  }
  return {};
}

void check_all(const Evidence& evidence) {
  const Story story = tell(evidence.store.data());
  if (!story.corrupt.empty()) return evidence.kernel.broken("I20", story.corrupt);
  check_log(evidence);
  check_keys(evidence, story);
  check_views(evidence, story);
  check_sagas(evidence, story);
  check_stock(evidence, story);
  check_feed(evidence);
  // What was lost in a fail-over was done at the gateway, and told to clients, all the same.
  if (!evidence.plan.may_lose_acknowledged()) {
    check_money(evidence, story);
    check_clients(evidence, story);
    check_operators(evidence, story);
  }
  count_sights(evidence, story);
}

void check_log(const Evidence& evidence) {
  const StoreData& data = evidence.store.data();
  std::map<StreamId, std::int64_t> versions;
  for (const auto& shard : data.shards) {
    const auto& seen = evidence.watch.seen()[static_cast<std::size_t>(&shard - data.shards.data())];
    if (seen.size() != shard.log.size())
      return evidence.kernel.broken("I13", fmt::format("the log holds {} events, {} were committed", shard.log.size(), seen.size()));
    for (std::size_t i = 0; i < shard.log.size(); ++i) {
      const auto& event = shard.log[i];
      if (event.position.value != static_cast<std::int64_t>(i) + 1 || event.version.value != ++versions[event.stream])
        return evidence.kernel.broken("I12", fmt::format("position {}, version {} of {}", event.position.value, event.version.value, to_string(event.stream)));
      if (event.stream != seen[i].stream || event.turn != seen[i].turn)
        return evidence.kernel.broken("I13", fmt::format("position {} is not what was committed there", event.position.value));
    }
  }
}

void check_keys(const Evidence& evidence, const Story& story) {
  const StoreData& data = evidence.store.data();
  for (const auto& [digest, row] : data.keys) {
    const StreamVersion version = row.stored.version.value == 0 ? StreamVersion{1} : row.stored.version;
    const auto* event = data.event_of(row.stored.stream, version);
    const bool claim = row.stored.version.value == 0;
    if (event == nullptr || event->turn != row.turn)
      return evidence.kernel.broken("P1", fmt::format("a {} stands without its turn: stream {} version {}", claim ? "claim" : "command key",
                                                      to_string(row.stored.stream), version.value));
  }
  // I4: a claim is one order's.
  std::map<std::string, OrderId> holders;
  for (const auto& [id, order] : story.orders) {
    const std::size_t number = wish_of(order.address);
    if (number == 0 || number > evidence.ledger.wishes().size()) continue;
    const Wish& wish = evidence.ledger.wishes()[number - 1];
    if (!wish.claimed_key) continue;
    const auto [holder, first] = holders.emplace(*wish.claimed_key, id);
    if (!first)
      return evidence.kernel.broken("I4", fmt::format("orders {} and {} hold the same claim", to_string(holder->second), to_string(id)));
  }
}

void check_views(const Evidence& evidence, const Story& story) {
  const StoreData& data = evidence.store.data();
  const auto differs = [&](std::string_view view, const auto& rows, const auto& expected) {
    const auto found = rows.find(expected.id.value);
    if (found != rows.end() && found->second.row == expected) return false;
    evidence.kernel.broken("I18", fmt::format("{} {} {} what the log says", view, to_string(expected.id),
                                              found == rows.end() ? "is missing, against" : "differs from"));
    return true;
  };
  for (const auto& [stream, product] : story.products)
    if (differs("product_view", data.products, stock::row_of(product.now))) return;
  std::size_t sagas = 0;
  for (const auto& [id, order] : story.orders) {
    if (!order.now.order.exists()) continue;
    if (differs("order_view", data.orders, order::row_of(order.now.order))) return;
    if (order.now.payment.exists() && differs("payment_view", data.payments, payment::row_of(order.now.payment))) return;
    for (const auto& saga : order.now.sagas)
      if (differs("saga_view", data.sagas, saga::row_of(saga))) return;
    sagas += order.now.sagas.size();
  }
  if (sagas != data.sagas.size()) evidence.kernel.broken("I18", fmt::format("{} saga rows, {} sagas", data.sagas.size(), sagas));
}

void check_feed(const Evidence& evidence) {
  const StoreData& data = evidence.store.data();
  for (std::size_t i = 0; i < data.shards.size(); ++i) {
    const auto& log = data.shards[i].log;
    const auto found = evidence.feed.partitions().find(ShardId{static_cast<std::uint16_t>(i)});
    std::int64_t next = 1;
    if (found != evidence.feed.partitions().end()) {
      for (const auto& entry : found->second) {
        if (entry.position.value > next)
          return evidence.kernel.broken("I16", fmt::format("shard {}: position {} was published before {}", i, entry.position.value, next));
        if (entry.position.value == next) ++next;
        if (evidence.plan.may_lose_acknowledged()) continue;
        const auto index = static_cast<std::size_t>(entry.position.value) - 1;
        if (index >= log.size() || log[index].turn != entry.turn || log[index].stream != entry.stream)
          return evidence.kernel.broken("I15", fmt::format("shard {}: what was published at {} is not in the log", i, entry.position.value));
      }
    }
    // What was stored behind the cursor while the nodes were ending (a late answer) is the next owner's to publish.
    if (next <= published_up_to(data, i).value)
      return evidence.kernel.broken("I15", fmt::format("shard {}: position {} was never published", i, next));
  }
}

void count_sights(const Evidence& evidence, const Story& story) {
  Kernel& kernel = evidence.kernel;
  for (const auto& [id, order] : story.orders) {
    const auto& now = order.now;
    if (order.unknown_resolved > 0) kernel.saw(Sometimes::unknown_resolved);
    if (order.keys_expired > 0) kernel.saw(Sometimes::key_expired);
    if (now.order.status == OrderStatus::paid) kernel.saw(Sometimes::order_completed);
    if (now.order.status == OrderStatus::cancelled)
      kernel.saw(now.payment.status == PaymentStatus::failed ? Sometimes::order_declined : Sometimes::order_cancelled);
    for (const auto& refund : now.payment.refunds)
      if (refund.status == payment::Refund::Status::refunded && refund.minor < now.payment.amount.minor)
        kernel.saw(Sometimes::refund_partial);
  }
  for (const auto& shard : evidence.store.data().shards) {
    for (const auto& event : shard.log) {
      if (event.type == "SagaStepCompensated" && event.data.find("\"step\":\"\"") == std::string::npos) kernel.saw(Sometimes::compensation_run);
      if (event.type == "StockReservationDeclined") kernel.saw(Sometimes::reservation_declined);
      if (event.type == "StockReleased") kernel.saw(Sometimes::reservation_released);
      if (event.type == "SagaParked") kernel.saw(Sometimes::parked);
      if (event.type == "PaymentProcessed" && event.data.find("\"late\":true") != std::string::npos) kernel.saw(Sometimes::late_success_refunded);
    }
  }
}

}  // namespace edda::sim
