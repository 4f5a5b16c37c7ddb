#include "orders/order_service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lanes/after_commit.hpp"
#include "saga/definitions.hpp"

namespace edda::orders {
namespace {

/// The position of the last event of the turn whose first event stands at `first`.
Task<Result<Position>> end_of_turn(EventStore& store, const RecordedEvent& first, Deadline deadline) {
  constexpr std::size_t longest_turn = 64;
  CO_TRY(const auto events,
         co_await store.read_shard(first.shard, Position{first.position.value - 1}, longest_turn, deadline));
  Position last = first.position;
  for (const auto& event : events) {
    if (event.turn != first.turn) break;
    last = event.position;
  }
  co_return last;
}

/// The saga that carries the latest wish out: a cancellation's, a refund's, or the one the order was born with.
SagaId saga_behind(const turn::OrderCase& state) {
  if (!state.order.cancellation_saga.is_nil()) return state.order.cancellation_saga;
  return state.payment.refunds.empty() ? state.order.saga : state.payment.refunds.back().saga;
}

}  // namespace

Task<Result<lanes::LoadedCase>> stored_case(EventStore& store, lanes::Replay stored, Deadline deadline) {
  CO_TRY(const auto first, co_await lanes::event_at(store, stored.stream, stored.version, deadline));
  CO_TRY(const Position end, co_await end_of_turn(store, first, deadline));
  co_return co_await lanes::load_case(store, first.correlation, deadline, end);
}

std::string product_set_key(const std::vector<order::Item>& items) {
  std::vector<std::string_view> ids;
  for (const auto& item : items) ids.push_back(item.product_id.empty() ? item.product_name : item.product_id);
  std::ranges::sort(ids);
  std::string text = "SOLDOUT:";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) text += '|';
    text += ids[i];
  }
  return sha256_hex(text);
}

Result<Money> total_of(const std::vector<order::Item>& items, Currency currency) {
  Money total{0, currency};
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto where = fmt::format("/items/{}", i);
    auto line = multiply(items[i].price, items[i].quantity.thousandths);
    if (line && line->minor % 1000 != 0)
      line = fail(Errc::invalid_argument, "price times quantity is no whole number of the currency's smallest unit");
    if (!line) return fail(line.error().code, line.error().message, where);
    line->minor /= 1000;
    auto sum = add(total, *line);
    if (!sum) return fail(sum.error().code, sum.error().message, where);
    total = *sum;
  }
  return total;
}

OrderService::OrderService(lanes::Turns& lane, EventStore& store, Clock& clock, Random& random,
                           std::function<bool()> accepting, const products::TrackedProducts* tracked,
                           OrderPolicy policy)
    : lane_(lane),
      store_(store),
      clock_(clock),
      random_(random),
      accepting_(std::move(accepting)),
      tracked_(tracked),
      policy_(std::move(policy)) {}

Task<Result<Answer>> OrderService::place(NewOrder order, Deadline deadline) {
  if (!accepting_())
    co_return fail(Errc::overloaded, "too many orders wait for the payment gateway; try again in a while");
  CO_TRY(const Money total, total_of(order.items, order.currency));
  const Timestamp now = clock_.now();
  const Uuid id = policy_.low16 ? random_.uuid_v7(now, policy_.low16(static_cast<std::uint16_t>(random_.next()))) : random_.uuid_v7(now);
  const auto sibling = [&] { return random_.uuid_v7(now, id.low16()); };

  std::vector<std::string> with;
  if (tracked_ != nullptr && tracked_->any_of(order.items)) with.emplace_back(saga::stock_reservation);
  if (policy_.approval_above > 0 && total.minor > policy_.approval_above) with.emplace_back(saga::order_approval);

  lanes::TurnRequest request;
  request.order = OrderId{id};
  request.command = turn::PlaceOrder{{OrderId{id}, order.user, std::move(order.items), total,
                                      std::move(order.shipping_address), PaymentId{sibling()}, SagaId{sibling()}},
                                     std::move(with)};
  if (order.client_key) request.key = command_key(*order.client_key);
  if (order.claimed_key) request.claims.push_back(order_key_claim(*order.claimed_key));
  co_return co_await run(std::move(request), order.trace, deadline);
}

lanes::TurnRequest OrderService::request_for(OrderId order, turn::Command command,
                                             std::optional<StreamVersion> expected_version,
                                             const std::optional<ClientKey>& key) {
  lanes::TurnRequest request;
  request.order = order;
  request.command = std::move(command);
  request.fresh_saga = SagaId{random_.uuid_v7(clock_.now(), order.value.low16())};
  request.if_version = expected_version;
  if (key) request.key = command_key(*key);
  return request;
}

Task<Result<Answer>> OrderService::cancel(OrderId order, std::string reason,
                                          std::optional<StreamVersion> expected_version, std::optional<ClientKey> key,
                                          Deadline deadline, TraceContext trace) {
  co_return co_await run(request_for(order, turn::CancelOrder{std::move(reason)}, expected_version, key), trace, deadline);
}

Task<Result<Answer>> OrderService::ship(OrderId order, std::optional<StreamVersion> expected_version,
                                        std::optional<ClientKey> key, Deadline deadline, TraceContext trace) {
  co_return co_await run(request_for(order, turn::ShipOrder{}, expected_version, key), trace, deadline);
}

Task<Result<Answer>> OrderService::deliver(OrderId order, std::optional<StreamVersion> expected_version,
                                           std::optional<ClientKey> key, Deadline deadline, TraceContext trace) {
  co_return co_await run(request_for(order, turn::DeliverOrder{}, expected_version, key), trace, deadline);
}

Task<Result<Answer>> OrderService::refund(OrderId order, std::int64_t minor, std::string reason,
                                          std::optional<ClientKey> key, Deadline deadline, TraceContext trace) {
  co_return co_await run(request_for(order, turn::RefundOrder{minor, std::move(reason)}, std::nullopt, key), trace, deadline);
}

Task<Result<Answer>> OrderService::run(lanes::TurnRequest request, TraceContext trace, Deadline deadline) {
  request.caused_by = trace;
  const bool placing = std::holds_alternative<turn::PlaceOrder>(request.command);
  CO_TRY(auto stored, co_await lane_.submit(std::move(request), deadline));
  co_return lanes::after_commit(co_await answer_of(std::move(stored), placing, deadline));
}

Task<Result<Answer>> OrderService::answer_of(std::variant<lanes::Committed, lanes::Replay> stored, bool placing,
                                             Deadline deadline) {
  const auto* committed = std::get_if<lanes::Committed>(&stored);
  if (committed == nullptr) co_return co_await replay(std::get<lanes::Replay>(stored), deadline);

  const auto& order = committed->state->order;
  const SagaId saga = saga_behind(*committed->state);
  if (placing) co_return Answer{committed->state, committed->at, committed->at, saga, false};
  CO_TRY(const auto first, co_await lanes::event_at(store_, stream_of(order.id), StreamVersion{1}, deadline));
  CO_TRY(const auto last, co_await lanes::event_at(store_, stream_of(order.id), order.version, deadline));
  co_return Answer{committed->state, first.at, last.at, saga, false};
}

Task<Result<Answer>> OrderService::replay(lanes::Replay stored, Deadline deadline) {
  CO_TRY(auto loaded, co_await stored_case(store_, stored, deadline));
  auto state = std::make_shared<const turn::OrderCase>(std::move(loaded.state));
  co_return Answer{state, loaded.created_at, loaded.updated_at, saga_behind(*state), true};
}

Task<Result<std::optional<OrderId>>> OrderService::find_by_claimed_key(std::string key, Deadline deadline) {
  CO_TRY(const auto found, co_await store_.find_key(order_key_claim(key), deadline));
  if (!found) co_return std::optional<OrderId>{};
  co_return std::optional(OrderId{found->stream.value});
}

}  // namespace edda::orders
