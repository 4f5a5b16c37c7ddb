#pragma once

#include <cstdint>
#include <string>

#include "http/routes/v1_body.hpp"
#include "operators/batch_service.hpp"
#include "ports/clock.hpp"

namespace edda::http::v1 {

/// The body of POST /v1/batches.
struct BatchBody {
  operators::BatchOrder order;
  std::string reason;
  bool dry_run = false;
  std::int64_t expected_count = 0;  ///< of a run
};
/// What cannot be read is a fault; ask them first.
BatchBody read_batch(const JsonValue& body, Timestamp now, Faults& faults);

}  // namespace edda::http::v1
