#pragma once

#include "ports/view_rebuild.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// Makes the views what the log says, while all nodes go on serving. A row is a function of ONE stream and is written in the transaction
/// that writes the stream, so streams are compared some thousand events at a time, each as of one instant, and only what differs is
/// written again: in a short transaction that holds the shard's row, as an append does, and folds the stream anew. Stopped half-way it
/// leaves nothing behind, and can be started again. A lock in the database sees to it that of all nodes one does it at a time.
/// It has a thread and a connection of its own: folding is work, and appends do not wait for it.
/// Thread-safety: callable from any thread; fold and progress are called on that thread. Lifetime: the pool outlives it.
class PostgresViewRebuild final : public ViewRebuild {
 public:
  explicit PostgresViewRebuild(Pool& pool) : pool_(pool) {}

  Task<Result<RebuildReport>> rebuild_views(StreamFold fold, bool compare_only,
                                            std::function<void(std::int64_t streams_done)> progress,
                                            Deadline deadline) override;

 private:
  Pool& pool_;
};

}  // namespace edda::postgres
