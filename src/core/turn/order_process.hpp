#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turn/turn.hpp"

/// What the sagas' actions mean to the order and its payment: the one place where the engine's words meet the business.
namespace edda::turn {

/// The action that a step's request in this direction performs; for a void, the action that is voided.
saga::Action action_of(const saga::State& saga, std::size_t step, saga::Direction direction);

/// The order's command behind a local action.
order::Command local_command(const OrderCase& state, const saga::State& saga, saga::Action action);

/// What a saga event, about to be written, means for the payment; nullopt if nothing. `reference` is the other side's id of what it did.
std::optional<payment::Command> payment_command(const OrderCase& state, const saga::State& saga,
                                                const saga::Event& event, std::string_view reference);

/// What a saga event, about to be written, means for the order; nullopt if nothing. The event of a local step follows its command.
std::optional<order::Command> order_command(const OrderCase& state, const saga::State& saga, const saga::Event& event);

/// The optional steps of the saga that cancels this paid order: what its own saga did and a refund does not undo.
std::vector<std::string> steps_of_cancellation(const OrderCase& state);

/// True where the outside world has nothing to do: a refund of a payment of which nothing is left (or that was free).
bool nothing_to_do(const OrderCase& state, SagaId saga, const saga::NextAction& action);

/// True where the client gets all money back that was taken: the order is cancelled, or on its way there.
bool is_owed(const OrderCase& state);

/// False where what the saga does is owed and may not simply be given up: a refund of such an order.
bool may_give_up(const OrderCase& state, const saga::State& saga);

}  // namespace edda::turn
