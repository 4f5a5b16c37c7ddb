#include "postgres/store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "ports/read_limits.hpp"
#include "ports/turn_check.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/sql_error.hpp"

namespace edda::postgres {
namespace {

constexpr std::uint16_t shards_max = 1 << 14;
// Of one call that was chosen as the victim of a deadlock; each time somebody else got on.
constexpr int tries_max = 5;

Task<Result<StoreInfo>> make_or_read(Connection& connection, NewStore if_new, Deadline deadline) {
  CO_TRY(const Rows made, co_await connection.read("INSERT INTO store(generation, feature_level, shards) VALUES ($1, $2, $3)"
                                                   " ON CONFLICT DO NOTHING RETURNING shards",
                                                   params(if_new.generation, if_new.feature_level, if_new.shards), deadline));
  if (!made.empty()) {
    CO_TRY_VOID(co_await connection.read("INSERT INTO shards(shard) SELECT generate_series(0, $1 - 1)",
                                         params(if_new.shards), deadline));
  }
  CO_TRY_VOID(co_await connection.read("SELECT 1 FROM meet_server()", {}, deadline));
  CO_TRY(const Rows rows,
         co_await connection.read("SELECT shards, generation, (SELECT count(*) FROM shards), feature_level FROM store", {}, deadline));
  if (rows.size() != 1 || rows.front().integer(0) != rows.front().integer(2))
    co_return fail(Errc::corrupt, "The store's shards are not those it was made with.");
  const StoreInfo info{static_cast<std::uint16_t>(rows.front().integer(0)), rows.front().uuid(1),
                       static_cast<int>(rows.front().integer(3))};
  CO_TRY_VOID(check_level_to_open(info));
  co_return info;
}

constexpr const char* one_instant = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

struct LevelledStore {
  Uuid generation;
  LevelView view;
};

Task<Result<LevelledStore>> look(Connection& connection, Deadline deadline) {
  CO_TRY(const Rows store, co_await connection.read("SELECT generation, feature_level FROM store", {}, deadline));
  if (store.empty()) co_return fail(Errc::corrupt, "The store has lost what it says of itself.");
  LevelledStore seen{store.front().uuid(0), {static_cast<int>(store.front().integer(1)), {}}};
  CO_TRY(const Rows nodes,
         co_await connection.read("SELECT node, newest_level FROM nodes WHERE alive_until > store_clock() ORDER BY node", {}, deadline));
  for (const Row node : nodes) seen.view.nodes.push_back({node.text(0), static_cast<int>(node.integer(1))});
  co_return seen;
}

}  // namespace

Task<Result<std::unique_ptr<PostgresStore>>> PostgresStore::open(Pool& pool, NewStore if_new, Deadline deadline) {
  if (if_new.shards == 0 || if_new.shards > shards_max)
    co_return fail(Errc::invalid_argument, fmt::format("A store has 1 to {} shards.", shards_max));
  CO_TRY(const StoreInfo info,
         co_await pool.transaction(
             [&](Connection& connection) { return make_or_read(connection, if_new, deadline); }, deadline));
  auto known = std::make_shared<Known>();
  known->info = info;
  pool.on_open([known](Connection& connection, Deadline until) { return meet_server(known, connection, until); });
  co_return std::unique_ptr<PostgresStore>(new PostgresStore(pool, std::move(known), info.shards));
}

Task<Result<void>> PostgresStore::meet_server(std::shared_ptr<Known> known, Connection& connection, Deadline deadline) {
  CO_TRY(const Rows rows, co_await connection.read("SELECT generation, feature_level FROM meet_server()", {}, deadline));
  if (rows.empty()) co_return fail(Errc::corrupt, "The store has lost what it says of itself.");
  known->note(rows.front().uuid(0), static_cast<int>(rows.front().integer(1)));
  co_return Result<void>();
}

StoreInfo PostgresStore::info() const {
  const std::lock_guard lock(known_->mutex);
  return known_->info;
}

void PostgresStore::Known::note(Uuid generation, int feature_level) {
  const std::lock_guard lock(mutex);
  info.generation = generation;
  info.feature_level = feature_level;
}

Task<Result<LevelView>> PostgresStore::look_at_level(Deadline deadline) {
  CO_TRY(const LevelledStore seen, co_await pool_.transaction(
                                       [&](Connection& connection) { return look(connection, deadline); }, deadline, one_instant));
  note(seen.generation, seen.view.level);
  co_return seen.view;
}

// The store's row is held meanwhile: of two operators the later one sees what the other has done.
Task<Result<int>> PostgresStore::raise_feature_level(int to, Deadline deadline) {
  CO_TRY_VOID(check_level_to_raise(to));
  const auto raise = [&](Connection& connection) -> Task<Result<LevelledStore>> {
    CO_TRY_VOID(co_await connection.read("SELECT 1 FROM store FOR UPDATE", {}, deadline));
    CO_TRY(LevelledStore seen, co_await look(connection, deadline));
    if (seen.view.level >= to) co_return seen;
    CO_TRY_VOID(check_nodes_know(to, seen.view.nodes));
    CO_TRY_VOID(co_await connection.read("UPDATE store SET feature_level = $1", params(to), deadline));
    seen.view.level = to;
    co_return seen;
  };
  CO_TRY(const LevelledStore stands, co_await pool_.transaction(raise, deadline));
  note(stands.generation, stands.view.level);
  co_return stands.view.level;
}

Task<Result<std::vector<TurnOutcome>>> PostgresStore::append(const std::vector<Turn>& batch, Deadline deadline) {
  std::vector<TurnOutcome> outcomes(batch.size());
  std::vector<const Turn*> turns;
  std::vector<TurnOutcome*> answers;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (auto error = refuse_turn(batch[i], shards_)) {
      outcomes[i] = Refused{*std::move(error)};
      continue;
    }
    turns.push_back(&batch[i]);
    answers.push_back(&outcomes[i]);
  }
  StandingTurns standing;
  CO_TRY_VOID(co_await append_part(turns, answers, standing, info().generation, deadline));
  co_return outcomes;
}

// R6: a part whose data the database refuses is halved until the culprit stands alone.
Task<Result<void>> PostgresStore::append_part(std::span<const Turn* const> turns, std::span<TurnOutcome* const> outcomes,
                                              StandingTurns& standing, Uuid generation, Deadline deadline) {
  if (turns.empty()) co_return Result<void>();
  auto answers = co_await call(TurnBatch(turns, standing), generation, deadline);
  if (answers) {
    for (std::size_t i = 0; i < turns.size(); ++i) {
      *outcomes[i] = std::move((*answers)[i]);
      if (const auto* appended = std::get_if<Appended>(outcomes[i])) standing.emplace(turns[i]->id, *appended);
    }
    co_return Result<void>();
  }
  if (!is_about_data(answers.error())) co_return std::unexpected(std::move(answers).error());
  if (turns.size() == 1) {
    *outcomes.front() = Refused{std::move(answers).error()};
    co_return Result<void>();
  }
  const std::size_t half = turns.size() / 2;
  CO_TRY_VOID(co_await append_part(turns.first(half), outcomes.first(half), standing, generation, deadline));
  auto rest = co_await append_part(turns.subspan(half), outcomes.subspan(half), standing, generation, deadline);
  // The first half is stored: only a batch sent again can tell.
  if (!rest) rest.error().code = Errc::outcome_unknown;
  co_return rest;
}

Task<Result<std::vector<TurnOutcome>>> PostgresStore::call(const TurnBatch& batch, Uuid generation, Deadline deadline) {
  static const std::string sql = TurnBatch::call();
  const Params parameters = batch.params();
  const auto send = [&](Connection& connection) -> Task<Result<Rows>> {
    // The connection may be to another server than the one that the turns were decided over.
    if (info().generation != generation)
      co_return fail(Errc::unavailable, "The store has failed over; try again.", {}, "store_failed_over");
    co_return co_await connection.query(sql, parameters, Effect::write, deadline);
  };
  for (int tries = 1;; ++tries) {
    EDDA_FAILPOINT("append.before_call");
    auto answers = co_await pool_.with(send, deadline, sql);
    EDDA_FAILPOINT("append.after_call");
    if (answers) co_return batch.outcomes(*answers);
    if (answers.error().reason != reason_victim || tries == tries_max) co_return std::unexpected(std::move(answers).error());
  }
}

Task<Result<std::vector<RecordedEvent>>> PostgresStore::read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                                    Deadline deadline) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3", event_columns);
  CO_TRY(const Rows rows,
         co_await pool_.read(sql, params(stream, after, std::min(limit, events_read_max)), deadline));
  co_return recorded_events(rows);
}

Task<Result<std::vector<RecordedEvent>>> PostgresStore::read_shard(ShardId shard, Position after, std::size_t limit,
                                                                   Deadline deadline) {
  static const std::string sql =
      fmt::format("SELECT {} FROM events WHERE shard = $1 AND pos > $2 ORDER BY pos LIMIT $3", event_columns);
  CO_TRY(const Rows rows, co_await pool_.read(sql, params(shard, after, std::min(limit, events_read_max)), deadline));
  co_return recorded_events(rows);
}

Task<Result<EventStore::Backwards>> PostgresStore::read_shard_backwards(ShardId shard, Position before,
                                                                        std::optional<std::string> type, std::size_t limit,
                                                                        std::size_t scan_limit, Deadline deadline) {
  // Positions have no gaps: so many events back is so many numbers back.
  static const std::string sql = fmt::format(
      "SELECT range.lower, found.* FROM"
      " (SELECT greatest(least($2, last_pos + 1) - $3, 1) AS lower, least($2, last_pos + 1) AS upper FROM shards WHERE shard = $1)"
      " AS range LEFT JOIN LATERAL"
      " (SELECT {} FROM events WHERE shard = $1 AND pos >= range.lower AND pos < range.upper AND ($4::text IS NULL OR type = $4)"
      " ORDER BY pos DESC LIMIT $5) AS found ON true",
      event_columns);
  const std::size_t count = std::min(limit, events_read_max);
  CO_TRY(const Rows rows,
         co_await pool_.read(sql,
                             params(shard, std::max<std::int64_t>(before.value, 1), std::min(scan_limit, events_read_max), type,
                                    count),
                             deadline));
  Backwards found;
  found.scanned_to = rows.empty() ? Position{1} : Position{rows.front().integer(0)};
  for (const Row row : rows) {
    if (!row.is_null(1)) found.events.push_back(recorded_event(row, 1));
  }
  if (!found.events.empty() && found.events.size() >= count) found.scanned_to = found.events.back().position;
  co_return found;
}

Task<Result<std::vector<Position>>> PostgresStore::last_positions(Deadline deadline) {
  CO_TRY(const Rows rows,
         co_await pool_.read("SELECT last_pos, generation, feature_level FROM shards, store ORDER BY shard", {}, deadline));
  if (rows.size() != shards_) co_return fail(Errc::corrupt, "The store's shards are not those it was made with.");
  note(rows.front().uuid(1), static_cast<int>(rows.front().integer(2)));
  std::vector<Position> positions;
  for (const Row row : rows) positions.push_back(Position{row.integer(0)});
  co_return positions;
}

Task<Result<std::optional<StoredKey>>> PostgresStore::find_key(Digest128 key, Deadline deadline) {
  CO_TRY(const Rows rows, co_await pool_.read("SELECT stream, version, fingerprint FROM keys WHERE key = $1", params(key),
                                              deadline));
  if (rows.empty()) co_return std::nullopt;
  const Row row = rows.front();
  co_return StoredKey{row.id<StreamId>(0), StreamVersion{row.integer(1)}, static_cast<std::uint64_t>(row.integer(2))};
}

Task<Result<std::optional<ProductRow>>> PostgresStore::product_row(ProductId id, Deadline deadline) {
  CO_TRY(const Rows rows,
         co_await pool_.read("SELECT product, name, merchant, tracked, available, held, version FROM product_view WHERE id = $1",
                             params(id), deadline));
  if (rows.empty()) co_return std::nullopt;
  const Row row = rows.front();
  co_return ProductRow{.id = id,
                       .product = row.text(0),
                       .name = row.text(1),
                       .merchant = row.id<UserId>(2),
                       .tracked = row.boolean(3),
                       .available = row.integer(4),
                       .held = row.integer(5),
                       .version = StreamVersion{row.integer(6)}};
}

Task<Result<TakeOver>> PostgresStore::take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                                Deadline deadline) {
  if (shard.value >= shards_) co_return fail(Errc::invalid_argument, "The store has no such shard.");
  CO_TRY(const Rows rows,
         co_await pool_.query("SELECT new_epoch, log_end, live_saga, live_order FROM take_over($1, $2, $3)",
                              params(shard, node, if_epoch), Effect::write, deadline));
  if (rows.empty()) co_return fail(Errc::version_conflict, "another node has taken the shard");
  TakeOver taken{Epoch{rows.front().integer(0)}, Position{rows.front().integer(1)}, {}};
  for (const Row row : rows) {
    if (!row.is_null(2)) taken.live.push_back({row.id<SagaId>(2), row.id<OrderId>(3)});
  }
  co_return taken;
}

}  // namespace edda::postgres
