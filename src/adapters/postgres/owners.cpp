#include "postgres/owners.hpp"

#include <utility>

namespace edda::postgres {
namespace {

constexpr std::int64_t other_process = -2;
constexpr std::int64_t living_node = -1;

// Another process of the asking one's name stands first, then the living nodes, then the shards.
ClusterView view_of(const Rows& rows) {
  ClusterView view;
  for (const Row& row : rows) {
    view.at = row.timestamp(4);
    if (row.integer(0) == other_process) {
      view.other_until = row.timestamp(5);
      continue;
    }
    if (row.integer(0) == living_node) {
      view.nodes.push_back(row.text(1));
      continue;
    }
    view.shards.push_back({.shard = ShardId{static_cast<std::uint16_t>(row.integer(0))},
                           .node = row.text(1),
                           .epoch = Epoch{row.integer(2)},
                           .alive = row.boolean(3),
                           .since = row.is_null(5) ? std::nullopt : std::optional(row.timestamp(5))});
  }
  return view;
}

}  // namespace

Task<Result<Position>> PostgresOwners::read_cursor(std::string reader, ShardId shard, Deadline deadline) {
  CO_TRY(const Rows rows, co_await pool_.read("SELECT pos FROM cursors WHERE reader = $1 AND shard = $2",
                                              params(reader, shard), deadline));
  co_return Position{rows.empty() ? 0 : rows.front().integer(0)};
}

Task<Result<void>> PostgresOwners::move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                               Deadline deadline) {
  CO_TRY(const Rows rows, co_await pool_.query("SELECT move_cursor($1, $2, $3, $4)",
                                               params(reader, shard, epoch, position), Effect::write, deadline));
  const Row current = rows.front();
  if (current.is_null(0)) co_return fail(Errc::invalid_argument, "The store has no such shard.");
  if (Epoch{current.integer(0)} != epoch) {
    co_return fail(Errc::cancelled, "Another node owns the shard now.", {}, "fenced");
  }
  co_return Result<void>();
}

Task<Result<ClusterView>> PostgresOwners::beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) {
  CO_TRY(const Rows rows, co_await pool_.query("SELECT shard, node, epoch, alive, at, since FROM beat($1, $2, $3, $4)",
                                               params(self.node, self.incarnation, lease.count(), newest_level_), Effect::write, deadline));
  co_return view_of(rows);
}

Task<Result<void>> PostgresOwners::release(ShardId shard, Epoch epoch, Deadline deadline) {
  CO_TRY_VOID(co_await pool_.query("UPDATE shards SET owner = '' WHERE shard = $1 AND epoch = $2", params(shard, epoch),
                                   Effect::write, deadline));
  co_return Result<void>();
}

// Rows of shards are locked in ascending order, as by the appends.
Task<Result<void>> PostgresOwners::leave(NodeProcess self, Deadline deadline) {
  CO_TRY_VOID(co_await pool_.query("WITH gone AS (DELETE FROM nodes WHERE node = $1 AND incarnation = $2),"
                                   " mine AS (SELECT shard FROM shards WHERE owner = $1"
                                   " AND NOT EXISTS (SELECT 1 FROM nodes WHERE node = $1 AND incarnation <> $2)"
                                   " ORDER BY shard FOR UPDATE)"
                                   " UPDATE shards s SET owner = '' FROM mine WHERE s.shard = mine.shard",
                                   params(self.node, self.incarnation), Effect::write, deadline));
  co_return Result<void>();
}

}  // namespace edda::postgres
