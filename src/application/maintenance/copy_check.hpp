#pragma once

#include "maintenance/copy.hpp"

namespace edda::maintenance {

// Whether a copy is one. What differs is noted in the report.

void note(CopyReport& report, std::string difference);

/// Every event of the source stands in the target's shard of its stream, in the source's order, and nothing else does.
Task<Result<void>> compare_logs(EventStore& source, EventStore& target, CopyReport& report, Deadline deadline);
Task<Result<void>> compare_keys(KeySource& source, KeySource& target, CopyReport& report, Deadline deadline);

}  // namespace edda::maintenance
