#include "maintenance/verify_stock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "owner/step_request.hpp"
#include "saga/definitions.hpp"

namespace edda::maintenance {

void judge_product(VerifyCheck& check, const std::vector<RecordedEvent>& events, const stock::State& state,
                   std::vector<OrderId>& holding) {
  std::int64_t adjusted = 0;
  std::unordered_map<std::string, stock::StockReserved> reserved;
  for (const auto& recorded : events) {
    const auto event = stock::decode(recorded.type, recorded.data);
    if (!event) continue;  // the fold has failed already
    if (const auto* a = std::get_if<stock::StockAdjusted>(&*event)) adjusted += a->quantity;
    if (const auto* r = std::get_if<stock::StockReserved>(&*event)) reserved.emplace(r->key, *r);
    if (const auto* r = std::get_if<stock::StockReleased>(&*event)) reserved.erase(r->key);
  }
  std::int64_t held = 0;
  for (const auto& [key, reservation] : reserved) {
    held += reservation.quantity;
    holding.push_back(reservation.order);
  }
  ++check.checked;
  const std::string name = fmt::format("product {}", state.product);
  if (state.available < 0 || state.held < 0) check.faults.add(name + ": more was given away than there is");
  if (state.available + state.held != adjusted)
    check.faults.add(fmt::format("{}: {} thousandths available and {} held are not the {} that were adjusted", name,
                                 state.available, state.held, adjusted));
  if (state.held != held)
    check.faults.add(fmt::format("{}: {} thousandths held, and {} reserved without a release", name, state.held, held));
}

Task<Result<void>> judge_held(VerifyCheck& check, EventStore& store, const turn::OrderCase& state, Deadline deadline) {
  const bool busy = std::ranges::any_of(state.sagas, [](const auto& saga) { return saga.exists() && !saga.ended(); });
  if (busy || state.order.status != OrderStatus::cancelled || !state.order.items) co_return Result<void>{};
  const auto step = owner::step_key(state.order.saga, saga::stock_reservation, saga::Direction::forward);
  for (const auto& item : *state.order.items) {
    const std::string key = fmt::format("{}/{}", step, item.product_id);
    CO_TRY(const auto answer, co_await store.find_key(stock::digest_of(key), deadline));
    if (!answer) continue;
    CO_TRY(const auto events, co_await store.read_stream(answer->stream, StreamVersion{answer->version.value - 1}, 1, deadline));
    if (events.empty() || events.front().type != "StockReserved") continue;
    CO_TRY(const auto released, co_await store.find_key(stock::digest_of(stock::release_key(key)), deadline));
    if (!released)
      check.faults.add(fmt::format("order {} is cancelled and holds stock of {}, and no saga gives it back",
                                   to_string(state.order.id), item.product_id));
  }
  co_return Result<void>{};
}

}  // namespace edda::maintenance
