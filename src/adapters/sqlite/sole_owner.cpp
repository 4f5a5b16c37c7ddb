#include "sqlite/sole_owner.hpp"

#include <utility>

namespace edda::sqlite {

Task<Result<ClusterView>> SoleOwner::beat(NodeProcess self, std::chrono::milliseconds, Deadline deadline) {
  co_return co_await database_.read(
      [this, node = std::move(self.node)](Connection& connection) -> Result<ClusterView> {
        ClusterView view;
        view.at = clock_.now();
        view.nodes = {node};
        TRY(Statement * query, connection.statement("SELECT shard, epoch FROM shards ORDER BY shard"));
        Rows rows = query->query();
        for (;;) {
          TRY(const bool found, rows.next());
          if (!found) return view;
          view.shards.push_back({ShardId{static_cast<std::uint16_t>(rows.integer(0))}, node, Epoch{rows.integer(1)}, true, since_});
        }
      },
      deadline);
}

Task<Result<void>> SoleOwner::release(ShardId, Epoch, Deadline) { co_return Result<void>{}; }

Task<Result<void>> SoleOwner::leave(NodeProcess, Deadline) { co_return Result<void>{}; }

}  // namespace edda::sqlite
