#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "ports/clock.hpp"
#include "ports/view_rebuild.hpp"

namespace edda::maintenance {

struct TimedRebuild {
  RebuildReport report;
  std::chrono::milliseconds duration{0};
};

/// Builds the views anew from the log with this release's folds. Errors: those of ViewRebuild.
Task<Result<TimedRebuild>> rebuild_views(ViewRebuild& rebuild, Clock& clock, std::function<void(std::int64_t)> progress, Deadline deadline);

/// The API's RebuildResult.
std::string to_json(const TimedRebuild& rebuild);

}  // namespace edda::maintenance
