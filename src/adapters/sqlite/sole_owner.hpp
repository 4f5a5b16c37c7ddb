#pragma once

#include "ports/clock.hpp"
#include "ports/shard_ownership.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// The ownership of a file that one process alone can open (Database holds the folder's lock): every shard is the asking node's, and no
/// lease is written. Epochs are those of the file, as a take-over leaves them.
/// Thread-safety: callable from any thread. Lifetime: database and clock outlive it.
class SoleOwner final : public ShardOwnership {
 public:
  SoleOwner(Database& database, Clock& clock) : database_(database), clock_(clock), since_(clock.now()) {}

  /// Reads only. Errors besides the port's: corrupt.
  Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) override;
  /// There is nobody to hand a shard over to: nothing changes.
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override;
  Task<Result<void>> leave(NodeProcess self, Deadline deadline) override;

 private:
  Database& database_;
  Clock& clock_;
  const Timestamp since_;  ///< nobody else was there in between
};

}  // namespace edda::sqlite
