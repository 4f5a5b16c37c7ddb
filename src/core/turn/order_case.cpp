#include "turn/order_case.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "eventsourcing/event_trace.hpp"

namespace edda::turn {
namespace {

template <class Event>
Result<DomainEvent> widen(Result<Event> event) {
  if (!event) return std::unexpected(std::move(event).error());
  return DomainEvent(std::move(*event));
}

}  // namespace

const saga::State* OrderCase::find_saga(SagaId id) const {
  const auto found = std::ranges::find(sagas, id, &saga::State::id);
  return found == sagas.end() ? nullptr : &*found;
}

Result<DomainEvent> decode(const RecordedEvent& event) {
  if (event.type.starts_with("Order")) return widen(order::decode(event.type, event.data));
  if (event.type.starts_with("Payment")) return widen(payment::decode(event.type, event.data));
  if (event.type.starts_with("Saga")) return widen(saga::decode(event.type, event.data));
  if (event.type.starts_with("Product") || event.type.starts_with("Stock"))
    return widen(stock::decode(event.type, event.data));
  return fail_newer_release(fmt::format("'{}' is no event this release knows", event.type));
}

Result<void> apply(OrderCase& state, const RecordedEvent& event) {
  TRY(const auto decoded, decode(event));
  if (const auto* e = std::get_if<order::Event>(&decoded)) {
    state.order = order::evolve(std::move(state.order), *e);
  } else if (const auto* p = std::get_if<payment::Event>(&decoded)) {
    state.payment = payment::evolve(std::move(state.payment), *p);
  } else if (const auto* s = std::get_if<stock::Event>(&decoded)) {
    state.product = stock::evolve(std::move(state.product), *s);
  } else {
    const SagaId id{event.stream.value};
    auto found = std::ranges::find(state.sagas, id, &saga::State::id);
    if (found == state.sagas.end()) {
      state.sagas.emplace_back();
      found = state.sagas.end() - 1;
    }
    *found = saga::evolve(std::move(*found), std::get<saga::Event>(decoded), event.at);
    if (std::holds_alternative<saga::SagaStarted>(std::get<saga::Event>(decoded))) found->trace = trace_of(event.data);
    if (found->definition == nullptr)
      return fail_newer_release("a saga's definition is not one this release knows: start a newer release");
  }
  return {};
}

}  // namespace edda::turn
