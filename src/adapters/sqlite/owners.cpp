#include "sqlite/owners.hpp"

#include <utility>

namespace edda::sqlite {
namespace {

Result<std::optional<Epoch>> epoch_of(Connection& connection, ShardId shard) {
  TRY(Statement * query, connection.statement("SELECT epoch FROM shards WHERE shard = ?1"));
  Rows rows = query->query(shard);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  return Epoch{rows.integer(0)};
}

Result<std::vector<std::string>> living_nodes(Connection& connection, Timestamp now) {
  std::vector<std::string> nodes;
  TRY(Statement * query, connection.statement("SELECT node FROM nodes WHERE alive_until > ?1 ORDER BY node"));
  Rows rows = query->query(now);
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return nodes;
    nodes.push_back(rows.text(0));
  }
}

/// Until when another process lives under the name, or lived.
Result<std::optional<Timestamp>> life_of_another(Connection& connection, const NodeProcess& self) {
  TRY(Statement * query, connection.statement("SELECT alive_until FROM nodes WHERE node = ?1 AND incarnation <> ?2"));
  Rows rows = query->query(self.node, self.incarnation);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  return rows.timestamp(0);
}

Result<std::vector<ShardOwner>> owners(Connection& connection, Timestamp now) {
  std::vector<ShardOwner> shards;
  TRY(Statement * query,
      connection.statement("SELECT shard, owner, epoch, coalesce(alive_until > ?1, 0) FROM shards"
                           " LEFT JOIN nodes ON node = owner ORDER BY shard"));
  Rows rows = query->query(now);
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return shards;
    shards.push_back({ShardId{static_cast<std::uint16_t>(rows.integer(0))}, rows.text(1), Epoch{rows.integer(2)},
                      rows.integer(3) != 0});
  }
}

}  // namespace

Task<Result<Position>> SqliteOwners::read_cursor(std::string reader, ShardId shard, Deadline deadline) {
  co_return co_await database_.read(
      [reader = std::move(reader), shard](Connection& connection) -> Result<Position> {
        TRY(Statement * query, connection.statement("SELECT pos FROM cursors WHERE reader = ?1 AND shard = ?2"));
        Rows rows = query->query(reader, shard);
        TRY(const bool found, rows.next());
        return Position{found ? rows.integer(0) : 0};
      },
      deadline);
}

Task<Result<void>> SqliteOwners::move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                             Deadline deadline) {
  co_return co_await database_.write(
      [reader = std::move(reader), shard, epoch, position](Connection& connection) -> Result<void> {
        TRY(const auto current, epoch_of(connection, shard));
        if (!current) return fail(Errc::invalid_argument, "The store has no such shard.");
        if (*current != epoch) return fail(Errc::cancelled, "Another node owns the shard now.", {}, "fenced");
        TRY(Statement * move, connection.statement("INSERT INTO cursors(reader, shard, pos) VALUES (?1, ?2, ?3)"
                                                   " ON CONFLICT(reader, shard) DO UPDATE SET pos = max(pos, ?3)"));
        return move->run(reader, shard, position);
      },
      deadline);
}

Task<Result<ClusterView>> SqliteOwners::beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) {
  co_return co_await database_.write(
      [this, self = std::move(self), lease](Connection& connection) -> Result<ClusterView> {
        ClusterView view;
        view.at = clock_.now();
        TRY(Statement * forget, connection.statement("DELETE FROM nodes WHERE alive_until <= ?1"));
        TRY_VOID(forget->run(view.at));
        TRY(Statement * live, connection.statement("INSERT INTO nodes(node, alive_until, incarnation) VALUES (?1, ?2, ?3)"
                                                   " ON CONFLICT(node) DO UPDATE SET alive_until = ?2 WHERE incarnation = ?3"));
        TRY_VOID(live->run(self.node, view.at + lease, self.incarnation));
        TRY(view.other_until, life_of_another(connection, self));
        TRY(view.nodes, living_nodes(connection, view.at));
        TRY(view.shards, owners(connection, view.at));
        return view;
      },
      deadline);
}

Task<Result<void>> SqliteOwners::release(ShardId shard, Epoch epoch, Deadline deadline) {
  co_return co_await database_.write(
      [shard, epoch](Connection& connection) -> Result<void> {
        TRY(Statement * release, connection.statement("UPDATE shards SET owner = '' WHERE shard = ?1 AND epoch = ?2"));
        return release->run(shard, epoch);
      },
      deadline);
}

Task<Result<void>> SqliteOwners::leave(NodeProcess self, Deadline deadline) {
  co_return co_await database_.write(
      [self = std::move(self)](Connection& connection) -> Result<void> {
        TRY(const auto other, life_of_another(connection, self));
        if (other) return {};
        TRY(Statement * forget, connection.statement("DELETE FROM nodes WHERE node = ?1"));
        TRY_VOID(forget->run(self.node));
        TRY(Statement * release, connection.statement("UPDATE shards SET owner = '' WHERE owner = ?1"));
        return release->run(self.node);
      },
      deadline);
}

}  // namespace edda::sqlite
