#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda {

/// What the check of a store found. A sound store has no findings.
struct StoreFindings {
  std::int64_t events = 0;
  std::int64_t streams = 0;
  std::int64_t keys = 0;
  std::int64_t findings_total = 0;
  std::vector<std::string> findings;  ///< the first of them, a sentence each (at most 100)
};

/// Sizes, for operators. Bytes and pages of what the store occupies.
struct StoreStats {
  std::int64_t file_bytes = 0;
  std::int64_t log_bytes = 0;  ///< of the write-ahead log, 0 where there is none
  std::int64_t pages = 0;
  std::int64_t free_pages = 0;  ///< of `pages`, those that hold nothing
};

/// Looks whether the store kept its promises, while it goes on serving.
/// Thread-safety: callable from any thread.
class StoreCheck {
 public:
  virtual ~StoreCheck() = default;

  /// Reads the whole log, all of it as of one instant: positions of each shard gapless from 1 to the last, versions of
  /// each stream gapless from 1, time not running backwards in a shard, command keys and claims naming streams and
  /// versions that exist, totals equal to counts. Errors: unavailable, corrupt.
  virtual Task<Result<StoreFindings>> check_log(Deadline deadline) = 0;

  virtual Task<Result<StoreStats>> quick_stats(Deadline deadline) = 0;
};

}  // namespace edda
