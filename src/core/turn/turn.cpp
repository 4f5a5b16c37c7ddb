#include "turn/turn.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "base/planted.hpp"
#include "saga/definitions.hpp"
#include "turn/order_process.hpp"

namespace edda::turn {
namespace {

using Outcome = std::expected<void, Rejection>;

class Turn {
 public:
  Turn(OrderCase before, const Inputs& inputs) : case_(std::move(before)), inputs_(inputs) {}

  Decision take() {
    if (refund_given_up_ && is_owed(case_)) refund("Refund given up while the order was being cancelled");
    return {std::move(events_), std::move(case_)};
  }

  Outcome on(const PlaceOrder& command) {
    const auto& order = command.order;
    if (auto placed = decide_order(order); !placed) return placed;
    const auto& definition = forks() ? saga::order_processing : saga::order_processing_1;
    drive(order.saga, saga::Start{order.saga, &definition, order.order, order.user, command.with});
    return {};
  }

  // A pending order's own saga undoes what it did; a paid one needs a saga of its own, because a completed saga stays completed (R19).
  Outcome on(const CancelOrder& command) {
    const bool pending = case_.order.status == OrderStatus::pending;
    const SagaId saga = pending ? case_.order.saga : inputs_.fresh_saga;
    if (auto requested = decide_order(order::RequestCancellation{command.reason, saga}); !requested) return requested;
    if (pending)
      drive(saga, saga::CancelRequested{command.reason});
    else
      start(forks() ? saga::order_cancellation : saga::order_cancellation_1, steps_of_cancellation(case_));
    return {};
  }

  Outcome on(const ShipOrder&) { return decide_order(order::ShipOrder{}); }
  Outcome on(const DeliverOrder&) { return decide_order(order::DeliverOrder{}); }

  Outcome on(const RefundOrder& command) {
    if (!case_.order.exists()) return std::unexpected(order::Rejection::not_found);
    if (case_.order.status == OrderStatus::cancelling) return std::unexpected(order::Rejection::already_cancelling);
    if (case_.order.status == OrderStatus::cancelled) return std::unexpected(order::Rejection::already_cancelled);
    if (!case_.payment.exists()) return std::unexpected(payment::Rejection::not_captured);
    // Reserved before the saga exists, so that a refusal refuses the whole turn.
    if (auto reserved = decide_payment(payment::ReserveRefund{inputs_.fresh_saga, command.minor, command.reason}); !reserved)
      return reserved;
    start(saga::payment_refund);
    return {};
  }

  Outcome on(const AnswerStep& command) {
    const saga::State* saga = case_.find_saga(command.saga);
    const auto step = saga != nullptr ? saga->index_of(command.step) : std::nullopt;
    if (!step) return {};
    reference_ = command.reference;
    const auto* open = saga->open_at(*step);
    const bool open_for_other_epoch = open != nullptr && open->epoch != inputs_.epoch;
    const saga::Action action = turn::action_of(*saga, *step, command.direction);
    const std::size_t events_before = events_.size();
    drive(command.saga, saga::StepAnswered{*step, command.direction, command.attempt, command.outcome, command.reason,
                                           command.resent || open_for_other_epoch, may_give_up(case_, *saga)});
    const bool took_effect =
        command.outcome == saga::Outcome::succeeded && command.direction != saga::Direction::void_request;
    if (took_effect && events_.size() == events_before && !EDDA_PLANTED(late_success_dropped))
      late_success(command, action);
    return {};
  }

  Outcome on(const RetryStep& command) {
    const saga::State* saga = case_.find_saga(command.saga);
    const auto step = saga != nullptr ? saga->index_of(command.step) : std::nullopt;
    if (step) drive(command.saga, saga::RetryDue{*step, command.direction, command.attempt});
    return {};
  }

  Outcome on(const SagaTimeDue& command) {
    if (case_.find_saga(command.saga) != nullptr) drive(command.saga, saga::TimeDue{});
    return {};
  }

  Outcome on(const OperateSaga& command) {
    const saga::State* saga = case_.find_saga(command.saga);
    if (saga == nullptr) return std::unexpected(saga::Rejection::not_found);
    if (!forks()) return std::unexpected(saga::Rejection::feature_level_too_low);
    reference_ = command.what.reference;
    saga::Operate what = command.what;
    what.may_give_up = may_give_up(case_, *saga);
    return follow(command.saga, saga::operate(*saga, what, timing()));
  }

  Outcome on(const SignalSaga& command) {
    const saga::State* saga = case_.find_saga(command.saga);
    if (saga == nullptr) return std::unexpected(saga::Rejection::not_found);
    return follow(command.saga, saga::signal(*saga, command.signal, timing()));
  }

  Outcome on(const stock::Command& command) {
    // Where a product is, the level was raised.
    if (inputs_.feature_level < 2 && std::holds_alternative<stock::CreateProduct>(command))
      return std::unexpected(saga::Rejection::feature_level_too_low);
    const auto decided = stock::decide(case_.product, command);
    if (!decided) return std::unexpected(decided.error());
    for (const auto& event : *decided) {
      case_.product = stock::evolve(std::move(case_.product), event);
      events_.push_back({stream_of(case_.product.id), case_.product.version, event});
    }
    return {};
  }

 private:
  saga::Timing timing() const { return {inputs_.at, inputs_.random}; }
  /// Forks, waits and operators' actions are understood by every node from feature level 2 on (R23). Where the order's own saga has them
  /// already, that level was raised, and this node has only not heard of it: what that saga did must not be left out now.
  bool forks() const {
    const saga::State* own = case_.find_saga(case_.order.saga);
    return inputs_.feature_level >= 2 || (own != nullptr && own->definition != nullptr && own->definition->version >= 2);
  }

  /// A further saga of this order; a turn starts one at most.
  void start(const saga::Definition& definition, std::vector<std::string> with = {}) {
    const SagaId saga = inputs_.fresh_saga;
    drive(saga, saga::Start{saga, &definition, case_.order.id, case_.order.user, std::move(with)});
  }

  void drive(SagaId id, const saga::Input& input) { follow(id, saga::advance(saga_state(id), input, timing())); }

  Outcome follow(SagaId id, std::expected<saga::Decision, saga::Rejection> decision) {
    if (!decision) return std::unexpected(decision.error());
    follow(id, *std::move(decision));
    return {};
  }

  /// Carries a saga's decision out, and what the saga answers to that, until it has nothing more to say.
  void follow(SagaId id, saga::Decision decision) {
    for (;;) {
      for (const auto& event : decision.events) record_saga(id, event);
      std::optional<saga::LocalDone> done;
      for (auto action = decision.next.begin(); action != decision.next.end() && !done; ++action) done = act(id, *action);
      if (!done) return;
      // What comes next is a function of the state: actions of this decision that are not done yet are said again.
      decision = saga::advance(saga_state(id), *std::move(done), timing());
    }
  }

  /// Does a local action, or asks for an outside one; returns what the saga must hear of it in this same turn.
  std::optional<saga::LocalDone> act(SagaId id, const saga::NextAction& action) {
    const auto& saga = saga_state(id);
    if (action.kind == saga::Kind::local) {
      const auto done = decide_order(local_command(case_, saga, action.action));
      return saga::LocalDone{action.step, done ? std::string() : std::string(to_string(done.error()))};
    }
    if (nothing_to_do(case_, id, action)) return saga::LocalDone{action.step, {}};
    record_saga(id, saga::request(saga, action, inputs_.epoch));
    return std::nullopt;
  }

  /// A saga event, preceded by what it means for the order and its money: the books are never behind the story. A refusal here is a
  /// doubled fact (captured already, cancelled already): the books stand as they are.
  void record_saga(SagaId id, const saga::Event& event) {
    if (const auto command = payment_command(case_, saga_state(id), event, reference_)) {
      const bool done = decide_payment(*command).has_value();
      // Not a force-close: there a person says that this money stays.
      refund_given_up_ |= done && std::holds_alternative<payment::DeclineRefund>(*command) &&
                          !std::holds_alternative<saga::SagaForceClosed>(event);
    }
    if (const auto command = order_command(case_, saga_state(id), event)) static_cast<void>(decide_order(*command));
    auto& state = saga_state(id);
    state = saga::evolve(std::move(state), event, inputs_.at);
    if (std::holds_alternative<saga::SagaStarted>(event)) state.trace = inputs_.trace;
    events_.push_back({StreamId{id.value}, state.version, event});
  }

  /// R15: what the saga does not wait for any more is written down if it is money. A charge goes back under a key of its own, in the
  /// same turn. A doubled answer is refused by the payment.
  void late_success(const AnswerStep& command, saga::Action action) {
    if (action == saga::Action::refund_payment)
      static_cast<void>(decide_payment(payment::RecordRefund{command.saga, command.reference}));
    if (action != saga::Action::charge_payment) return;
    if (!decide_payment(payment::RecordCapture{command.reference})) return;
    reference_ = {};
    refund("The payment succeeded after it had been given up");
  }

  /// Gives back all that is neither given back nor on its way, by a saga of its own.
  void refund(std::string reason) {
    if (decide_payment(payment::ReserveRefund{inputs_.fresh_saga, 0, std::move(reason)})) start(saga::payment_refund);
  }

  Outcome decide_order(const order::Command& command) {
    const auto decided = order::decide(case_.order, command);
    if (!decided) return std::unexpected(decided.error());
    for (const auto& event : *decided) {
      case_.order = order::evolve(std::move(case_.order), event);
      events_.push_back({stream_of(case_.order.id), case_.order.version, event});
    }
    return {};
  }

  Outcome decide_payment(const payment::Command& command) {
    const auto decided = payment::decide(case_.payment, command);
    if (!decided) return std::unexpected(decided.error());
    for (const auto& event : *decided) {
      case_.payment = payment::evolve(std::move(case_.payment), event);
      events_.push_back({stream_of(case_.payment.id), case_.payment.version, event});
    }
    return {};
  }

  saga::State& saga_state(SagaId id) {
    auto found = std::ranges::find(case_.sagas, id, &saga::State::id);
    if (found != case_.sagas.end()) return *found;
    case_.sagas.emplace_back().id = id;
    return case_.sagas.back();
  }

  OrderCase case_;
  const Inputs& inputs_;
  std::string_view reference_;  ///< the other side's id of what it did, as this turn heard it
  /// A refund ended without effect. What it had reserved was left out of the refund of a cancellation that came after it.
  bool refund_given_up_ = false;
  std::vector<DecidedEvent> events_;
};

}  // namespace

std::string_view to_string(const Rejection& rejection) {
  return std::visit(overloaded{[](order::Rejection r) { return order::to_string(r); },
                               [](payment::Rejection r) { return payment::to_string(r); },
                               [](saga::Rejection r) { return saga::to_string(r); },
                               [](stock::Rejection r) { return stock::to_string(r); }},
                    rejection);
}

std::string_view name_of(const Command& command) {
  // In the order of the variant's alternatives.
  constexpr std::array<std::string_view, std::variant_size_v<Command>> names{
      "PlaceOrder", "CancelOrder", "ShipOrder", "DeliverOrder", "RefundOrder", "AnswerStep",
      "RetryStep",  "SagaTimeDue", "OperateSaga", "SignalSaga", "Stock"};
  return names[command.index()];
}

TraceContext trace_behind(const OrderCase& before, const Command& command) {
  const auto of = [&](SagaId id) {
    const saga::State* saga = before.find_saga(id);
    return saga != nullptr ? saga->trace : TraceContext{};
  };
  if (const auto* answer = std::get_if<AnswerStep>(&command)) return of(answer->saga);
  if (const auto* retry = std::get_if<RetryStep>(&command)) return of(retry->saga);
  if (const auto* due = std::get_if<SagaTimeDue>(&command)) return of(due->saga);
  return {};
}

std::expected<Decision, Rejection> decide(OrderCase before, const Command& command, const Inputs& inputs) {
  Turn turn(std::move(before), inputs);
  const auto outcome = std::visit([&](const auto& c) { return turn.on(c); }, command);
  if (!outcome) return std::unexpected(outcome.error());
  return turn.take();
}

}  // namespace edda::turn
