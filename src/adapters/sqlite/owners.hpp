#pragma once

#include "ports/clock.hpp"
#include "ports/cursors.hpp"
#include "ports/shard_ownership.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// Cursors and shard ownership in the store's file. The store's clock is the machine's.
/// Thread-safety: callable from any thread. Lifetime: database and clock outlive it.
class SqliteOwners final : public Cursors, public ShardOwnership {
 public:
  SqliteOwners(Database& database, Clock& clock) : database_(database), clock_(clock) {}

  Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline deadline) override;
  Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                 Deadline deadline) override;

  Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) override;
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override;
  Task<Result<void>> leave(NodeProcess self, Deadline deadline) override;

 private:
  Database& database_;
  Clock& clock_;
};

}  // namespace edda::sqlite
