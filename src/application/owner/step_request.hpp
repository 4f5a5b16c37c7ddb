#pragma once

#include "ports/step_executor.hpp"
#include "turn/order_case.hpp"

namespace edda::owner {

/// "<saga id>/<step>/<direction>": one key for every send of a step in one direction (promise 3).
std::string step_key(SagaId saga, std::string_view step, saga::Direction direction);

/// The send that the saga's open request asks for. Needs an open request of an outside step.
StepRequest step_request(const turn::OrderCase& state, const saga::State& saga);

}  // namespace edda::owner
