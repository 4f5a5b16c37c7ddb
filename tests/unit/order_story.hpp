#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "turn/turn.hpp"

namespace edda::testing_support {

/// One order's story told turn by turn, in memory: what each command added, and where the case stands.
class OrderStory {
 public:
  static constexpr Timestamp start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

  /// The names of the events of one turn, or the rejection ("!delivered").
  using Names = std::vector<std::string>;

  Names place(std::int64_t total_minor = 1999) {
    const order::Item item{"P-1", "Keyboard", order::Quantity::whole(1), Money{total_minor, {}}};
    return tell(turn::PlaceOrder{{order_id, user_id, {item}, Money{total_minor, {}}, "Seoul", payment_id, saga_id}, with});
  }
  Names cancel(std::string reason = "changed my mind") { return tell(turn::CancelOrder{std::move(reason)}); }
  Names ship() { return tell(turn::ShipOrder{}); }
  Names deliver() { return tell(turn::DeliverOrder{}); }
  Names refund(std::int64_t minor) { return tell(turn::RefundOrder{minor, "damaged"}); }

  /// Answers the open request of `saga` (by default the order's own).
  Names answer(saga::Outcome outcome, SagaId saga = saga_id, std::string reason = "no") {
    const auto& state = *order_case.find_saga(saga);
    const auto& open = state.open.front();
    return tell(turn::AnswerStep{saga, std::string(state.step(open.step).name), open.direction, open.attempt, outcome,
                                 std::move(reason), "ext_tx_1", false});
  }
  Names answer_at(std::string step, saga::Outcome outcome, SagaId saga = saga_id) {
    const auto& open = *order_case.find_saga(saga)->open_at(step);
    return tell(turn::AnswerStep{saga, std::move(step), open.direction, open.attempt, outcome, "no", "ext_tx_1", false});
  }
  Names operate(saga::OperatorAction action, SagaId saga = saga_id, std::string step = {},
                saga::Outcome outcome = saga::Outcome::unknown) {
    return tell(turn::OperateSaga{saga, {action, user_id, "on the phone", std::move(step), outcome, "stated_1"}});
  }
  Names retry(SagaId saga = saga_id) {
    const auto& state = *order_case.find_saga(saga);
    const auto& open = state.open.front();
    return tell(turn::RetryStep{saga, std::string(state.step(open.step).name), open.direction, open.attempt});
  }

  Names tell(const turn::Command& command) {
    const Timestamp at = start + passed + std::chrono::seconds(++turns);
    turn::Inputs inputs{at, 0, next_saga(), epoch, feature_level};
    auto decided = turn::decide(order_case, command, inputs);
    if (!decided) return {"!" + std::string(to_string(decided.error()))};
    order_case = std::move(decided->after);
    Names names;
    for (const auto& event : decided->events) names.push_back(name_of(event.event));
    history.insert(history.end(), decided->events.begin(), decided->events.end());
    return names;
  }

  static std::string name_of(const turn::DomainEvent& event) {
    if (const auto* o = std::get_if<order::Event>(&event)) return std::string(order::type_name(*o));
    if (const auto* p = std::get_if<payment::Event>(&event)) return std::string(payment::type_name(*p));
    return std::string(saga::type_name(std::get<saga::Event>(event)));
  }
  static std::string_view to_string(const turn::Rejection& rejection) { return turn::to_string(rejection); }

  /// The id that the next turn's own saga, if it starts one, will get.
  SagaId next_saga() const { return SagaId{make_uuid_v7(start, {0, static_cast<std::uint8_t>(turns & 0xFF), static_cast<std::uint8_t>(turns >> 8)}, 7)}; }
  const saga::State& main_saga() const { return *order_case.find_saga(saga_id); }
  const saga::State& last_saga() const { return order_case.sagas.back(); }

  static inline const OrderId order_id{make_uuid_v7(start, {1}, 7)};
  static inline const PaymentId payment_id{make_uuid_v7(start, {2}, 7)};
  static inline const SagaId saga_id{make_uuid_v7(start, {3}, 7)};
  static inline const UserId user_id{make_uuid_v7(start, {4}, 9)};

  std::vector<std::string> with;  ///< the optional steps that the next `place` names
  turn::OrderCase order_case;
  std::vector<turn::DecidedEvent> history;
  Epoch epoch{1};
  int turns = 0;
  int feature_level = 2;
  saga::milliseconds passed{0};  ///< beside a second a turn
};

}  // namespace edda::testing_support
