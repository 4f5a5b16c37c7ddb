#pragma once

#include <optional>

#include "turn/turn.hpp"

/// What the sagas' actions mean to the order and its payment: the one place where the engine's words meet the business.
namespace edda::turn {

/// The order's command behind a local action.
order::Command local_command(const OrderCase& state, saga::Action action);

/// What a saga event, about to be written, means for the payment; nullopt if nothing. `cause` is the answer that led to it, if any.
std::optional<payment::Command> payment_command(const OrderCase& state, const saga::State& saga,
                                                const saga::Event& event, const AnswerStep* cause);

/// True where the outside world has nothing to do: a refund of a payment of which nothing is left (or that was free).
bool nothing_to_do(const OrderCase& state, SagaId saga, const saga::NextAction& action);

/// False where a declined step may not simply be given up: a refund of an order that is (being) cancelled is owed.
bool may_give_up(const OrderCase& state, const saga::State& saga, std::size_t step);

}  // namespace edda::turn
