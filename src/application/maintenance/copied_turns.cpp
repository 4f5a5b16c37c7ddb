#include "maintenance/copied_turns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::maintenance {
namespace {

Turn begin(const RecordedEvent& first, std::uint16_t shards) {
  Turn turn;
  turn.id = first.turn;
  turn.shard = shard_of(first.stream.value, shards);
  turn.correlation = first.correlation;
  turn.causation = first.causation;
  turn.node = first.node;
  turn.proposed_at = first.at;
  // Nobody has ever owned the target: whoever begins to serves it, and fences the copy.
  turn.epoch = Epoch{0};
  return turn;
}

void add_event(Turn& turn, const RecordedEvent& event) {
  const bool known = std::ranges::any_of(turn.expected, [&](const auto& e) { return e.stream == event.stream; });
  if (!known) turn.expected.push_back({event.stream, StreamVersion{event.version.value - 1}});
  turn.events.push_back({event.stream, event.version, event.type, event.data});
}

template <class Row>
void put(std::vector<Row>& rows, const std::optional<Row>& row) {
  if (row) rows.push_back(*row);
}

}  // namespace

Task<Result<std::vector<Turn>>> CopiedTurns::make(const std::vector<RecordedEvent>& events, Deadline deadline) {
  std::vector<Turn> turns;
  for (const RecordedEvent& event : events) {
    if (turns.empty() || turns.back().id != event.turn) turns.push_back(begin(event, shards_));
    if (shard_of(event.stream.value, shards_) != turns.back().shard) {
      co_return fail(Errc::corrupt, fmt::format("The turn at position {} has streams of several shards.", event.position.value));
    }
    add_event(turns.back(), event);
  }
  for (Turn& turn : turns) CO_TRY_VOID(co_await add_rows(turn, deadline));
  co_return turns;
}

Task<Result<void>> CopiedTurns::add_rows(Turn& turn, Deadline deadline) {
  for (const ExpectedVersion& expected : turn.expected) {
    auto found = open_.find(expected.stream);
    if (found == open_.end()) {
      CO_TRY(Final row, co_await final_row(expected.stream, deadline));
      found = open_.emplace(expected.stream, std::move(row)).first;
    }
    StreamVersion last;
    for (const NewEvent& event : turn.events) {
      if (event.stream == expected.stream) last = event.version;
    }
    const Final& row = found->second;
    if (last < row.version) continue;
    if (last == row.version) {
      put(turn.orders, row.order);
      put(turn.payments, row.payment);
      put(turn.sagas, row.saga);
      put(turn.products, row.product);
    }
    open_.erase(found);
  }
  co_return Result<void>();
}

Task<Result<CopiedTurns::Final>> CopiedTurns::final_row(StreamId stream, Deadline deadline) {
  Final row;
  CO_TRY(const auto order, co_await views_.find_order(OrderId{stream.value}, deadline));
  if (order) co_return Final{order->row, {}, {}, {}, order->row.version};
  CO_TRY(const auto payment, co_await views_.find_payment(PaymentId{stream.value}, deadline));
  if (payment) co_return Final{{}, payment->row, {}, {}, payment->row.version};
  CO_TRY(const auto saga, co_await views_.find_saga(SagaId{stream.value}, deadline));
  if (saga) co_return Final{{}, {}, saga->row, {}, saga->row.version};
  CO_TRY(const auto product, co_await views_.find_product(ProductId{stream.value}, deadline));
  if (product) co_return Final{{}, {}, {}, product->row, product->row.version};
  co_return row;
}

}  // namespace edda::maintenance
