#pragma once

#include "ports/cursors.hpp"
#include "ports/shard_ownership.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// Cursors and shard ownership in rows that all nodes see. The store's clock is the database server's.
/// Thread-safety: callable from any thread. Lifetime: the pool outlives it.
class PostgresOwners final : public Cursors, public ShardOwnership {
 public:
  explicit PostgresOwners(Pool& pool) : pool_(pool) {}

  Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline deadline) override;
  Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                 Deadline deadline) override;

  Task<Result<ClusterView>> beat(std::string node, std::chrono::milliseconds lease, Deadline deadline) override;
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override;
  Task<Result<void>> leave(std::string node, Deadline deadline) override;

 private:
  Pool& pool_;
};

}  // namespace edda::postgres
