#pragma once

#include <memory>

#include "lanes/lane.hpp"
#include "ports/event_store.hpp"
#include "turn/turn.hpp"

/// Between the lane and the store: a decision as the turn to append, and the store's verdict as the caller's answer.
namespace edda::lanes {

/// The turn that `decision`, folded over `before`, asks the store for. Id, shard, node, time and the turns it rests on are the lane's to
/// fill in.
Turn stored_turn(const TurnRequest& request, const turn::OrderCase& before, const turn::Decision& decision);

/// The state after a decision, sharing its memory.
std::shared_ptr<const turn::OrderCase> after_of(const std::shared_ptr<turn::Decision>& decision);

/// The domain's refusal, as the caller's error.
std::unexpected<Error> rejected(const turn::Rejection& rejection);
/// The client's key stands for another request.
std::unexpected<Error> key_reused();

/// The answer to an outcome that is not Appended.
TurnAnswer refusal_of(const TurnOutcome& outcome);

}  // namespace edda::lanes
