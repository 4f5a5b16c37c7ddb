#pragma once

#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda {

/// How far each reader of a shard's log has come. A cursor never passes an event that its reader has not handled (promise 4).
/// Thread-safety: callable from any thread. Errors: unavailable (surely not done), outcome_unknown (moving again is harmless).
class Cursors {
 public:
  virtual ~Cursors() = default;

  /// Position 0 for a reader that never moved.
  virtual Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline deadline) = 0;

  /// Moves the cursor forward; a position behind it changes nothing. Errors also: cancelled with reason "fenced" when `epoch` is not
  /// the shard's (R9).
  virtual Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                         Deadline deadline) = 0;
};

}  // namespace edda
