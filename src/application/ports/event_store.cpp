#include "ports/event_store.hpp"

#include "stock/stock.hpp"

namespace edda {
namespace {

constexpr std::size_t page = 500;

}  // namespace

Task<Result<std::optional<ProductRow>>> EventStore::product_row(ProductId id, Deadline deadline) {
  stock::State state;
  for (;;) {
    CO_TRY(const auto events, co_await read_stream(stream_of(id), state.version, page, deadline));
    for (const auto& event : events) {
      CO_TRY(const auto decoded, stock::decode(event.type, event.data));
      state = stock::evolve(std::move(state), decoded);
    }
    if (events.size() < page) break;
  }
  if (!state.exists()) co_return std::nullopt;
  co_return row_of(state);
}

}  // namespace edda
