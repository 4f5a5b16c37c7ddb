#pragma once

#include <vector>

#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "order/order.hpp"
#include "payment/payment.hpp"
#include "saga/state.hpp"
#include "stock/stock.hpp"

namespace edda::turn {

/// Everything one order's story adds up to: the order, its payment, and its sagas. One case is one shard, so a turn is one local
/// transaction. A product is a case of its own, in which nothing but the product is.
struct OrderCase {
  order::State order;
  payment::State payment;
  std::vector<saga::State> sagas;
  stock::State product;

  const saga::State* find_saga(SagaId id) const;
};

/// One event of any of the aggregates, decoded.
using DomainEvent = std::variant<order::Event, payment::Event, saga::Event, stock::Event>;

/// Errors: corrupt (a type or shape this release does not know: decide nothing for that order).
Result<DomainEvent> decode(const RecordedEvent& event);

/// Folds one more event of the order's story into the case. Events of one stream must come in order.
/// Errors: corrupt, as decode; also a saga whose definition this release does not know.
Result<void> apply(OrderCase& state, const RecordedEvent& event);

}  // namespace edda::turn
