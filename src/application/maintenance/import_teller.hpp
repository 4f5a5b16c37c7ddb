#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ports/event_store.hpp"
#include "saga/engine.hpp"
#include "turn/turn.hpp"

namespace edda::maintenance {

/// Tells one order's story by the commands that lead to it, and makes a store's turns of it. What is told is decided by the same
/// functions as an order of today, and folded from the events as they are stored.
/// Errors of every method: invalid_argument when the order, its payment or saga refuses.
class StoryTeller {
 public:
  /// `fresh_saga`: of a cancellation after the order was paid.
  StoryTeller(OrderId order, SagaId fresh_saga, std::uint16_t shards) : order_(order), fresh_saga_(fresh_saga), shards_(shards) {}

  /// A turn begins; `name` is unique within the order.
  void begin(Timestamp at, std::string_view name);
  Turn end();

  /// `until`: the type of the first event that is not known to have happened; what follows from there is not told.
  Result<void> tell(const turn::Command& command, std::string_view until = {});
  /// The answer to the request that is open.
  Result<void> answer(saga::Outcome outcome, std::string reason, std::string reference, std::string_view until = {});
  /// The saga that is not at its end waits for an operator. A request that is open may have taken effect.
  Result<void> park(const std::string& reason);

  const turn::OrderCase& state() const { return state_; }

 private:
  const saga::State* live_saga() const;
  Result<void> add(StreamId stream, turn::DomainEvent event);
  Result<void> record(turn::DecidedEvent event);

  const OrderId order_;
  const SagaId fresh_saga_;
  const std::uint16_t shards_;
  turn::OrderCase state_;
  Timestamp at_;
  TurnId turn_;
  std::vector<turn::DecidedEvent> events_;
};

}  // namespace edda::maintenance
