#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "lanes/case_loader.hpp"
#include "lanes/turns.hpp"
#include "order/item.hpp"
#include "orders/client_key.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"
#include "products/tracked_products.hpp"
#include "turn/order_case.hpp"

namespace edda::orders {

/// The order's case as the stored turn of a replay left it. Errors: those of the store; corrupt.
Task<Result<lanes::LoadedCase>> stored_case(EventStore& store, lanes::Replay stored, Deadline deadline);

struct NewOrder {
  UserId user;
  std::vector<order::Item> items;
  Currency currency;
  std::string shipping_address;
  std::optional<ClientKey> client_key;     ///< /v1: a replay gives the stored answer
  std::optional<std::string> claimed_key;  ///< old routes: a second use is refused; never released
  TraceContext trace{};                    ///< of the request
};

struct OrderPolicy {
  /// Orders whose total is above this many minor units of their own currency wait for an operator's approval; 0: none does.
  std::int64_t approval_above = 0;
  /// The low 16 bits of a new order's id, which tell its shard, from as many random ones. Unset: those of chance.
  std::function<std::uint16_t(std::uint16_t draw)> low16 = {};
};

/// Where a command left its order: the state right after the command's own turn, also when the answer is a replay.
struct Answer {
  std::shared_ptr<const turn::OrderCase> state;
  Timestamp created_at;  ///< of the order's first event
  Timestamp updated_at;  ///< of the order's last event in `state`
  SagaId saga;           ///< refund and cancel: the saga that carries it out
  bool replayed = false;
};

/// The key under which old clients' orders are unique when they send none of their own:
/// sha256("SOLDOUT:" + sorted product ids joined by "|"); a product's name stands in for an empty id.
std::string product_set_key(const std::vector<order::Item>& items);

/// The sum over price times quantity, exact to the minor unit.
/// Errors: invalid_argument (`where` points at the item) when a line is no whole number of minor units, or the sum too large.
Result<Money> total_of(const std::vector<order::Item>& items, Currency currency);

/// Everything a client may ask of orders. Each call is one turn, answered after its commit.
/// Errors of all calls: overloaded, unavailable, outcome_unknown; not_found where there is no such order; rejected with `reason` naming
/// the domain's refusal ("delivered", "not_paid", "exceeds_refundable" ...); already_exists where a key is taken: `reason` is
/// "idempotency_key_reused" (same client key, other request: 422) or "claimed" (`where` holds the order id that holds it).
/// Thread-safety: callable from any thread.
class OrderService {
 public:
  /// `tracked`: an order of one of these reserves stock before it is charged; null: none does. It outlives this.
  /// `accepting` false: new orders are answered `overloaded`, because those that stand cannot be carried on fast enough.
  OrderService(lanes::Turns& lane, EventStore& store, Clock& clock, Random& random,
               std::function<bool()> accepting = [] { return true; },
               const products::TrackedProducts* tracked = nullptr, OrderPolicy policy = {});

  Task<Result<Answer>> place(NewOrder order, Deadline deadline);
  /// Already cancelled or cancelling: rejected ("already_cancelled", "already_cancelling"). `expected_version`: of the order's stream
  /// (If-Match); version_conflict when it has moved on. `trace`: of the request. The same for the calls below.
  Task<Result<Answer>> cancel(OrderId order, std::string reason, std::optional<StreamVersion> expected_version,
                              std::optional<ClientKey> key, Deadline deadline, TraceContext trace = {});
  Task<Result<Answer>> ship(OrderId order, std::optional<StreamVersion> expected_version, std::optional<ClientKey> key,
                            Deadline deadline, TraceContext trace = {});
  Task<Result<Answer>> deliver(OrderId order, std::optional<StreamVersion> expected_version,
                               std::optional<ClientKey> key, Deadline deadline, TraceContext trace = {});
  Task<Result<Answer>> refund(OrderId order, std::int64_t minor, std::string reason, std::optional<ClientKey> key,
                              Deadline deadline, TraceContext trace = {});

  /// The order behind an old client's key (the correlation id of the replaced system), if any.
  Task<Result<std::optional<OrderId>>> find_by_claimed_key(std::string key, Deadline deadline);

 private:
  Task<Result<Answer>> run(lanes::TurnRequest request, TraceContext trace, Deadline deadline);
  /// What the caller is told of a request that stands in the log.
  Task<Result<Answer>> answer_of(std::variant<lanes::Committed, lanes::Replay> stored, bool placing, Deadline deadline);
  Task<Result<Answer>> replay(lanes::Replay stored, Deadline deadline);
  lanes::TurnRequest request_for(OrderId order, turn::Command command, std::optional<StreamVersion> expected_version,
                                 const std::optional<ClientKey>& key);

  lanes::Turns& lane_;
  EventStore& store_;
  Clock& clock_;
  Random& random_;
  std::function<bool()> accepting_;
  const products::TrackedProducts* tracked_;
  const OrderPolicy policy_;
};

}  // namespace edda::orders
