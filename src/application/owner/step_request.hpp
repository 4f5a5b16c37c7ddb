#pragma once

#include "ports/step_executor.hpp"
#include "turn/order_case.hpp"

namespace edda::owner {

/// "<saga id>/<step>/<direction>": one key for every send of a step in one direction (promise 3).
std::string step_key(SagaId saga, std::string_view step, saga::Direction direction);

/// The send that an open request of the saga asks for. Needs a request of an outside step.
StepRequest step_request(const turn::OrderCase& state, const saga::State& saga, const saga::OpenRequest& open);

}  // namespace edda::owner
