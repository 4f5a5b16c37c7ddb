#pragma once

#include <span>

#include "saga/engine.hpp"

namespace edda::owner {

/// The requests of a saga that something must be done about: none while it rests (parked, paused) or has ended.
inline std::span<const saga::OpenRequest> requests_to_act_on(const saga::State& saga) {
  if (saga.status == SagaStatus::parked || saga.status == SagaStatus::paused || !is_live(saga.status)) return {};
  if (!saga.open) return {};
  return {&*saga.open, 1};
}

}  // namespace edda::owner
