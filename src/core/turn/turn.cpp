#include "turn/turn.hpp"

#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "saga/definitions.hpp"
#include "turn/order_process.hpp"

namespace edda::turn {
namespace {

using Outcome = std::expected<void, Rejection>;

class Turn {
 public:
  Turn(OrderCase before, const Inputs& inputs) : case_(std::move(before)), inputs_(inputs) {}

  Decision take() { return {std::move(events_), std::move(case_)}; }

  Outcome on(const PlaceOrder& command) {
    if (auto placed = decide_order(command); !placed) return placed;
    drive(case_.order.saga, saga::Start{command.saga, &saga::order_processing, command.order, command.user});
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
      drive(saga, saga::Start{saga, &saga::order_cancellation, case_.order.id, case_.order.user});
    return {};
  }

  Outcome on(const ShipOrder&) { return decide_order(order::ShipOrder{}); }
  Outcome on(const DeliverOrder&) { return decide_order(order::DeliverOrder{}); }

  Outcome on(const RefundOrder& command) {
    if (!case_.order.exists()) return std::unexpected(order::Rejection::not_found);
    if (case_.order.status == OrderStatus::cancelling) return std::unexpected(order::Rejection::already_cancelling);
    if (case_.order.status == OrderStatus::cancelled) return std::unexpected(order::Rejection::already_cancelled);
    const SagaId saga = inputs_.fresh_saga;
    // Reserved before the saga exists, so that a refusal refuses the whole turn.
    if (auto reserved = decide_payment(payment::ReserveRefund{saga, command.minor, command.reason}); !reserved)
      return reserved;
    drive(saga, saga::Start{saga, &saga::payment_refund, case_.order.id, case_.order.user});
    return {};
  }

  Outcome on(const AnswerStep& command) {
    const saga::State* saga = case_.find_saga(command.saga);
    const auto step = saga != nullptr ? saga->index_of(command.step) : std::nullopt;
    if (!step) return {};
    cause_ = &command;
    const auto& open = saga->open;
    const bool open_for_other_epoch = open && open->epoch != inputs_.epoch;
    const std::size_t events_before = events_.size();
    drive(command.saga, saga::StepAnswered{*step, command.direction, command.attempt, command.outcome, command.reason,
                                           command.resent || open_for_other_epoch, may_give_up(case_, *saga, *step)});
    const bool charge = case_.find_saga(command.saga)->step(*step).action == saga::Action::charge_payment;
    if (events_.size() == events_before && charge && command.direction == saga::Direction::forward &&
        command.outcome == saga::Outcome::succeeded)
      late_success(command);
    return {};
  }

  Outcome on(const RetryStep& command) {
    const saga::State* saga = case_.find_saga(command.saga);
    const auto step = saga != nullptr ? saga->index_of(command.step) : std::nullopt;
    if (step) drive(command.saga, saga::RetryDue{*step, command.direction, command.attempt});
    return {};
  }

 private:
  /// The saga's answer to `input`, and its answers to what follows from that, until it has nothing more to say.
  void drive(SagaId id, saga::Input input) {
    for (std::optional<saga::Input> next = std::move(input); next;) {
      const saga::Decision decision = saga::advance(saga_state(id), *next, inputs_.random);
      next.reset();
      for (const auto& event : decision.events) record_saga(id, event);
      if (decision.next) next = act(id, *decision.next);
    }
  }

  /// Does a local action, or asks for an outside one; returns what the saga must hear of it in this same turn.
  std::optional<saga::Input> act(SagaId id, const saga::NextAction& action) {
    if (action.kind == saga::Kind::local) {
      const auto done = decide_order(local_command(case_, action.action));
      return saga::LocalDone{action.step, done ? std::string() : std::string(to_string(done.error()))};
    }
    const auto& state = saga_state(id);
    if (nothing_to_do(case_, id, action)) return saga::LocalDone{action.step, {}};
    record_saga(id, saga::request(state, action, inputs_.epoch));
    return std::nullopt;
  }

  /// A saga event, preceded by what it means for the order's money: the books are never behind the story.
  void record_saga(SagaId id, const saga::Event& event) {
    if (const auto command = payment_command(case_, saga_state(id), event, cause_)) {
      // A refusal here is a doubled fact (captured already, reserved already): the books stand as they are.
      static_cast<void>(decide_payment(*command));
    }
    auto& state = saga_state(id);
    state = saga::evolve(std::move(state), event, inputs_.at);
    events_.push_back({StreamId{id.value}, state.version, event});
  }

  /// R15: money that came after all is written down and goes back under a key of its own, in the same turn.
  void late_success(const AnswerStep& command) {
    if (!decide_payment(payment::RecordCapture{command.reference})) return;
    cause_ = nullptr;
    const SagaId saga = inputs_.fresh_saga;
    if (!decide_payment(payment::ReserveRefund{saga, 0, "The payment succeeded after it had been given up"})) return;
    drive(saga, saga::Start{saga, &saga::payment_refund, case_.order.id, case_.order.user});
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
  const AnswerStep* cause_ = nullptr;
  std::vector<DecidedEvent> events_;
};

}  // namespace

std::string_view to_string(const Rejection& rejection) {
  return std::visit(overloaded{[](order::Rejection r) { return order::to_string(r); },
                               [](payment::Rejection r) { return payment::to_string(r); }},
                    rejection);
}

std::expected<Decision, Rejection> decide(OrderCase before, const Command& command, const Inputs& inputs) {
  Turn turn(std::move(before), inputs);
  const auto outcome = std::visit([&](const auto& c) { return turn.on(c); }, command);
  if (!outcome) return std::unexpected(outcome.error());
  return turn.take();
}

}  // namespace edda::turn
