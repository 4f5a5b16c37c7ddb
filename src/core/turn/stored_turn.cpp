#include "turn/stored_turn.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace edda::turn {
namespace {

NewEvent encode(const DecidedEvent& decided) {
  return std::visit(
      overloaded{
          [&](const order::Event& e) {
            return NewEvent{decided.stream, decided.version, order::type_name(e), order::encode(e)};
          },
          [&](const payment::Event& e) {
            return NewEvent{decided.stream, decided.version, payment::type_name(e), payment::encode(e)};
          },
          [&](const saga::Event& e) {
            return NewEvent{decided.stream, decided.version, saga::type_name(e),
                            saga::encode(SagaId{decided.stream.value}, e)};
          },
          [&](const stock::Event& e) {
            return NewEvent{decided.stream, decided.version, stock::type_name(e), stock::encode(e)};
          },
      },
      decided.event);
}

template <class Event>
bool changed(const Decision& decision, StreamId stream) {
  return std::ranges::any_of(decision.events, [&](const DecidedEvent& e) {
    return e.stream == stream && std::holds_alternative<Event>(e.event);
  });
}

}  // namespace

Encoded encode(const Decision& decision) {
  Encoded encoded;
  encoded.events.reserve(decision.events.size());
  for (const auto& event : decision.events) encoded.events.push_back(encode(event));
  const OrderCase& after = decision.after;
  if (changed<order::Event>(decision, stream_of(after.order.id))) encoded.orders.push_back(row_of(after.order));
  if (changed<payment::Event>(decision, stream_of(after.payment.id)))
    encoded.payments.push_back(row_of(after.payment));
  for (const auto& saga : after.sagas)
    if (changed<saga::Event>(decision, stream_of(saga.id))) encoded.sagas.push_back(row_of(saga));
  if (changed<stock::Event>(decision, stream_of(after.product.id))) encoded.products.push_back(row_of(after.product));
  return encoded;
}

Result<Encoded> rows_of_stream(const std::vector<RecordedEvent>& stream) {
  OrderCase state;
  for (const auto& event : stream) TRY_VOID(apply(state, event));
  Encoded rows;
  if (state.order.exists()) rows.orders.push_back(row_of(state.order));
  if (state.payment.exists()) rows.payments.push_back(row_of(state.payment));
  for (const auto& saga : state.sagas) rows.sagas.push_back(row_of(saga));
  if (state.product.exists()) rows.products.push_back(row_of(state.product));
  return rows;
}

}  // namespace edda::turn
