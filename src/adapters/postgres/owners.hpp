#pragma once

#include "base/feature_level.hpp"
#include "ports/cursors.hpp"
#include "ports/shard_ownership.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// Cursors and shard ownership in rows that all nodes see. The store's clock is the database server's.
/// Thread-safety: callable from any thread. Lifetime: the pool outlives it.
class PostgresOwners final : public Cursors, public ShardOwnership {
 public:
  /// `newest_level`: what this release knows, shown with each heartbeat (ports/feature_level.hpp).
  explicit PostgresOwners(Pool& pool, int newest_level = newest_feature_level) : pool_(pool), newest_level_(newest_level) {}

  Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline deadline) override;
  Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                 Deadline deadline) override;

  Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) override;
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override;
  Task<Result<void>> leave(NodeProcess self, Deadline deadline) override;

 private:
  Pool& pool_;
  const int newest_level_;
};

}  // namespace edda::postgres
