#pragma once

#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "base/feature_level.hpp"
#include "base/ids.hpp"
#include "base/trace_context.hpp"
#include "saga/engine.hpp"
#include "turn/order_case.hpp"

/// A turn: one command, carried to its last event. The command's aggregate decides; the saga engine sees what happened and gives more
/// events and commands for aggregates of the same order; and so on until nothing new comes. Nothing here waits, draws or asks the time:
/// all of it is input. What the outside world must do is only written down (SagaStepRequested); its owner acts from the log.
namespace edda::turn {

// What can be asked of an order.

struct PlaceOrder {
  order::PlaceOrder order;
  std::vector<std::string> with{};  ///< the saga's optional steps that take part
};
struct CancelOrder {
  std::string reason;
};
struct ShipOrder {};
struct DeliverOrder {};
struct RefundOrder {
  std::int64_t minor = 0;  ///< in the order's currency
  std::string reason;
};
/// An outside step's answer, as the owner brings it.
struct AnswerStep {
  SagaId saga;
  std::string step;
  saga::Direction direction = saga::Direction::forward;
  int attempt = 1;
  saga::Outcome outcome = saga::Outcome::unknown;
  std::string reason;
  std::string reference;  ///< the other side's id of what it did
  bool resent = false;    ///< the request was sent again without a new SagaStepRequested
};
/// The pause after attempt `attempt` is over.
struct RetryStep {
  SagaId saga;
  std::string step;
  saga::Direction direction = saga::Direction::forward;
  int attempt = 1;
};
/// A limit of the saga may have been reached: see saga::next_wakeup.
struct SagaTimeDue {
  SagaId saga;
};
struct OperateSaga {
  SagaId saga;
  saga::Operate what;  ///< `may_give_up` is set by the turn
};
struct SignalSaga {
  SagaId saga;
  saga::Signal signal;
};
/// Products are cases of their own: their commands concern nothing else.
using Command = std::variant<PlaceOrder, CancelOrder, ShipOrder, DeliverOrder, RefundOrder, AnswerStep, RetryStep,
                             SagaTimeDue, OperateSaga, SignalSaga, stock::Command>;

/// What a turn may not find out for itself.
struct Inputs {
  Timestamp at;              ///< the node's clock; the store may move it later
  std::uint64_t random = 0;  ///< jitter
  SagaId fresh_saga;         ///< the id of a saga that this turn may start (it starts one at most)
  Epoch epoch;               ///< of the order's shard, as the deciding node knows it
  int feature_level = newest_feature_level;  ///< of the store: what every node that may decide here understands (R23)
  TraceContext trace{};      ///< what leads to this turn
};

using Rejection = std::variant<order::Rejection, payment::Rejection, saga::Rejection, stock::Rejection>;
std::string_view to_string(const Rejection& rejection);

/// "PlaceOrder"; of all commands on products "Stock".
std::string_view name_of(const Command& command);
/// The trace of the saga that the command carries on; it does not exist where the command comes from outside, or no trace was.
TraceContext trace_behind(const OrderCase& before, const Command& command);

struct DecidedEvent {
  StreamId stream;
  StreamVersion version;
  DomainEvent event;
};

/// `events` may be empty: the command no longer matters (a doubled answer, a late timer).
struct Decision {
  std::vector<DecidedEvent> events;
  OrderCase after;
};

/// Errors: the rejection by the domain. Pure.
std::expected<Decision, Rejection> decide(OrderCase before, const Command& command, const Inputs& inputs);

}  // namespace edda::turn
