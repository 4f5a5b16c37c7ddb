#include "world/feature_levels.hpp"

#include <variant>

#include "saga/events.hpp"

namespace edda::sim {

int feature_level_of(std::string_view type, std::string_view data) {
  if (type.starts_with("Product") || type.starts_with("Stock")) return 2;
  if (type == "SagaActionTaken" || type == "SagaSignalled" || type == "SagaWaitStarted") return 2;
  if (type != "SagaStarted") return 1;
  const auto event = saga::decode(type, data);
  const auto* started = event ? std::get_if<saga::SagaStarted>(&*event) : nullptr;
  return started != nullptr && started->definition_version < 2 ? 1 : 2;
}

}  // namespace edda::sim
