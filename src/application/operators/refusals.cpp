#include "operators/refusals.hpp"

namespace edda::operators {

Advice advice_for(saga::Rejection rejection) {
  using enum saga::Rejection;
  switch (rejection) {
    case not_found: return {"There is no such saga.", "Check the id."};
    case ended:
      return {"The saga has ended.", "To undo what it did, cancel or refund its order: POST /v1/orders/{id}/cancel or /refunds."};
    case no_such_step: return {"The saga has no such step.", "Take a step's name from GET /v1/sagas/{id}."};
    case nothing_to_retry:
      return {"Nothing of the saga is parked or waits for a further try.", "Read the saga: an answer may be on its way, or it goes on already."};
    case key_forgotten:
      return {"The other side may not remember the request any more, so asking again could do it twice.",
              "Look the payment up at the gateway, then state what happened: POST /v1/sagas/{id}/state-outcome."};
    case not_skippable:
      return {"The saga cannot do without this step.", "Retry it, state its outcome, or compensate the saga."};
    case step_done: return {"The step is done already.", "Compensate the saga to undo it."};
    case step_open:
      return {"A step may still take effect outside.",
              "Wait for its answer, or look it up and state what happened: POST /v1/sagas/{id}/state-outcome."};
    case already_turning_back: return {"The saga is on its way back already.", "Wait, or retry what is parked of it."};
    case effect_is_owed:
      return {"Somebody is owed what this saga does, so it cannot be given up.", "Retry it, or do it by hand and state the outcome."};
    case already_paused: return {"The saga is paused already.", "Resume it: POST /v1/sagas/{id}/resume."};
    case is_paused: return {"The saga is paused.", "Resume it first: POST /v1/sagas/{id}/resume."};
    case not_paused: return {"The saga is not paused.", "Read it: nothing needs to be resumed."};
    case not_open: return {"The step was not asked for, or has ended.", "Read the saga's steps: only an open one can be answered for."};
    case send_awaited:
      return {"The step's answer is on its way.", "Wait for it; pause the saga if no further try shall follow."};
    case outcome_needed:
      return {"\"unknown\" states nothing.", "Look it up at the other side, and state succeeded, declined or failed."};
    case not_waiting: return {"The step does not wait for a signal.", "Read the saga's steps: one that waits is \"requested\"."};
    case feature_level_too_low:
      return {"The store's feature level is too low: a node of an older release that shares it would not understand this.",
              "Upgrade every node, then let an administrator raise the level: POST /v1/admin/feature-level."};
  }
  return {};
}

Advice advice_for(std::string_view reason) {
  for (int i = 0; i <= static_cast<int>(saga::Rejection::feature_level_too_low); ++i) {
    const auto rejection = static_cast<saga::Rejection>(i);
    if (saga::to_string(rejection) == reason) return advice_for(rejection);
  }
  return {};
}

}  // namespace edda::operators
