#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/event_store.hpp"
#include "ports/replaced_system.hpp"
#include "turn/order_case.hpp"

namespace edda::maintenance {

/// A row of the replaced system that cannot be imported, and why.
struct LeftOut {
  std::string table;
  std::string id;
  std::string reason;
  std::string status;
  std::string amount = {};  ///< of an order or a payment
};

/// A saga that waits for an operator after the import.
struct ParkedSaga {
  SagaId saga;
  OrderId order;
  std::string replaced;  ///< its old id; empty: the replaced system had none
  std::string reason;
};

/// An order of the replaced system, told again by the turns of this one.
struct ImportedOrder {
  std::optional<Turn> beginning;  ///< at its created_at; not set: the order is left out
  std::optional<Turn> end;        ///< at its updated_at; not set: nothing more is known to have happened
  turn::OrderCase state;          ///< after both
  std::vector<ParkedSaga> parked;
  std::vector<LeftOut> left_out;
  std::size_t payment = 0;  ///< which of its payments and sagas it is told from; their number: none of them
  std::size_t saga = 0;
};

/// What a record of the replaced system is in the words of this one. Pure: the same record gives the same ids and events, so that an
/// import can be repeated.
///
/// An order keeps its id; its payment and saga get ids that end as the order's does, and their old ids are claims (scope "alias"). A saga
/// that was not at its end is parked, where its rows prove it to be: what they do not prove stays in doubt. Rows that contradict each other
/// are left out with their order.
ImportedOrder import_order(const replaced::OrderRecord& record, Currency currency, std::uint16_t shards);

}  // namespace edda::maintenance
