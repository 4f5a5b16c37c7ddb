#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "ports/step_executor.hpp"

/// Steps and their answers as JSON (docs/step-workers.md). Pure functions.
namespace edda::kafka {

inline constexpr std::string_view steps_topic = "saga-steps";
inline constexpr std::string_view results_topic = "saga-results";

/// A step on its way to a worker. `send` names this one send: an attempt may be sent more than once, and a message may be doubled.
struct StepMessage {
  std::string send;
  StepRequest request;
};
std::string to_json(const StepMessage& message);
/// Errors: invalid_argument. Fields that are not known are passed over.
Result<StepMessage> parse_step(std::string_view json);

/// What a worker says of one send.
struct StepResult {
  std::string send;
  SagaId saga;
  OrderId order;
  std::string step;
  saga::Direction direction = saga::Direction::forward;
  int attempt = 1;
  std::string key;
  GatewayAnswer answer;
};
StepResult result_of(const StepMessage& message, GatewayAnswer answer);
std::string to_json(const StepResult& result);
/// Errors: invalid_argument; also where the key is not that of the saga, step and direction.
Result<StepResult> parse_result(std::string_view json);

}  // namespace edda::kafka
