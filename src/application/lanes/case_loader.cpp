#include "lanes/case_loader.hpp"

#include <algorithm>
#include <vector>

namespace edda::lanes {
namespace {

constexpr std::size_t page = 500;

/// Folds one stream into the case. The order's stream is recognised by its id.
Task<Result<void>> fold_stream(EventStore& store, StreamId stream, LoadedCase& into, Position up_to, Deadline deadline) {
  StreamVersion after{0};
  for (;;) {
    CO_TRY(const auto events, co_await store.read_stream(stream, after, page, deadline));
    for (const auto& event : events) {
      if (event.position > up_to) co_return Result<void>{};
      CO_TRY_VOID(turn::apply(into.state, event));
      if (stream == stream_of(into.state.order.id)) {
        if (event.version.value == 1) into.created_at = event.at;
        into.updated_at = event.at;
      }
    }
    if (events.size() < page) co_return Result<void>{};
    after = events.back().version;
  }
}

std::vector<SagaId> sagas_of(const turn::OrderCase& state) {
  std::vector<SagaId> sagas{state.order.saga};
  const auto add = [&](SagaId saga) {
    if (!saga.is_nil() && std::ranges::find(sagas, saga) == sagas.end()) sagas.push_back(saga);
  };
  add(state.order.cancellation_saga);
  for (const auto& refund : state.payment.refunds) add(refund.saga);
  return sagas;
}

Task<Result<Position>> end_of_shard(EventStore& store, OrderId order, Deadline deadline) {
  CO_TRY(const auto ends, co_await store.last_positions(deadline));
  co_return ends.at(shard_of(order.value, store.info().shards).value);
}

}  // namespace

Task<Result<turn::OrderCase>> load_subject(EventStore& store, const Uuid& subject, bool is_product, Deadline deadline) {
  turn::OrderCase state;
  if (is_product) {
    CO_TRY(const auto row, co_await store.product_row(ProductId{subject}, deadline));
    if (row) state.product = stock::state_of(*row);
  } else {
    CO_TRY(auto loaded, co_await load_case(store, OrderId{subject}, deadline));
    state = std::move(loaded.state);
  }
  co_return state;
}

Task<Result<LoadedCase>> load_case(EventStore& store, OrderId order, Deadline deadline,
                                   std::optional<Position> up_to) {
  if (!up_to) {
    CO_TRY(up_to, co_await end_of_shard(store, order, deadline));
  }
  LoadedCase loaded;
  CO_TRY_VOID(co_await fold_stream(store, stream_of(order), loaded, *up_to, deadline));
  if (!loaded.state.order.exists()) co_return loaded;
  CO_TRY_VOID(co_await fold_stream(store, stream_of(loaded.state.order.payment), loaded, *up_to, deadline));
  for (const SagaId saga : sagas_of(loaded.state))
    CO_TRY_VOID(co_await fold_stream(store, stream_of(saga), loaded, *up_to, deadline));
  co_return loaded;
}

Task<Result<RecordedEvent>> event_at(EventStore& store, StreamId stream, StreamVersion version, Deadline deadline) {
  CO_TRY(auto events, co_await store.read_stream(stream, StreamVersion{version.value - 1}, 1, deadline));
  if (events.empty()) co_return fail(Errc::corrupt, "an event that is spoken of is missing");
  co_return std::move(events.front());
}

}  // namespace edda::lanes
