#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "ports/clock.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"

namespace edda::maintenance {

/// A live saga that this release could not carry on.
struct LostSaga {
  SagaId id;
  OrderId order;
  std::string definition;
  int definition_version = 0;
  std::string reason;  ///< a sentence
};
struct SagaCheckReport {
  std::int64_t checked = 0;
  std::int64_t lost_total = 0;
  std::vector<LostSaga> lost;  ///< the first hundred
  std::chrono::milliseconds duration{0};

  bool ok() const { return lost_total == 0; }
};

/// Loads every live saga with its order, as the owner of a shard would, and says which this release could not carry on: an unknown
/// definition or version, an event it does not know, a story that does not fold, or nothing that would ever move it. Reads only.
/// Errors: those of the store (what is found is in the report, not an error).
Task<Result<SagaCheckReport>> check_sagas(EventStore& store, ReadModels& views, Clock& clock,
                                          std::function<void(std::int64_t done)> progress, Deadline deadline);

/// The API's SagaCheckResult; `version` is this release's.
std::string to_json(const SagaCheckReport& report, std::string_view version);

}  // namespace edda::maintenance
