#include "owner/cluster_status.hpp"

namespace edda::owner {

Task<Result<ClusterStatus>> cluster_status(ClusterView view, std::string self, EventStore& store, Cursors& cursors,
                                           std::string reader, Deadline deadline) {
  ClusterStatus status{view.at, std::move(self), std::move(view.nodes), {}};
  CO_TRY(const auto ends, co_await store.last_positions(deadline));
  for (ShardOwner& owner : view.shards) {
    ShardStatus shard{std::move(owner), {}, {}};
    if (shard.owner.shard.value < ends.size()) shard.last = ends[shard.owner.shard.value];
    if (!reader.empty()) {
      CO_TRY(shard.published, co_await cursors.read_cursor(reader, shard.owner.shard, deadline));
    }
    status.shards.push_back(std::move(shard));
  }
  co_return status;
}

}  // namespace edda::owner
