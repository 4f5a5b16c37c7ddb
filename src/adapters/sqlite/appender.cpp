#include "sqlite/appender.hpp"

#include <fmt/format.h>

#include "base/failpoint.hpp"
#include "ports/feature_level.hpp"
#include "sqlite/batch_writer.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

Result<void> create_store(Connection& connection, const NewStore& store) {
  if (store.shards == 0 || store.shards > shards_max) {
    return fail(Errc::invalid_argument, fmt::format("A store has 1 to {} shards.", shards_max));
  }
  TRY(Transaction transaction, Transaction::begin(connection));
  TRY(Statement insert,
      connection.prepare("INSERT INTO store(one, generation, feature_level, shards) VALUES (1, ?, ?, ?)"));
  TRY_VOID(insert.run(store.generation, store.feature_level, store.shards));
  TRY(Statement shard,
      connection.prepare("INSERT INTO shards(shard, last_pos, last_at, owner, epoch) VALUES (?, 0, 0, '', 0)"));
  for (int number = 0; number < store.shards; ++number) TRY_VOID(shard.run(number));
  return transaction.commit();
}

Result<std::optional<StoreInfo>> read_store(Connection& connection) {
  TRY(Statement query, connection.prepare("SELECT shards, generation, feature_level FROM store"));
  Rows rows = query.query();
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  return StoreInfo{static_cast<std::uint16_t>(rows.integer(0)), rows.uuid(1), static_cast<int>(rows.integer(2))};
}

Result<void> give_generation(Connection& connection, Uuid generation) {
  TRY(Transaction transaction, Transaction::begin(connection));
  TRY(Statement update, connection.prepare("UPDATE store SET generation = ?"));
  TRY_VOID(update.run(generation));
  return transaction.commit();
}

Result<std::vector<ShardHead>> read_heads(Connection& connection) {
  std::vector<ShardHead> heads;
  TRY(Statement query, connection.prepare("SELECT last_pos, last_at, epoch FROM shards ORDER BY shard"));
  Rows rows = query.query();
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return heads;
    heads.push_back({Position{rows.integer(0)}, rows.timestamp(1), Epoch{rows.integer(2)}});
  }
}

Result<std::vector<LiveSaga>> read_live(Connection& connection, ShardId shard, std::uint16_t shards) {
  std::vector<LiveSaga> live;
  TRY(Statement query,
      connection.prepare("SELECT id, order_id FROM saga_view"
                         " WHERE status IN ('started', 'compensating', 'parked', 'paused') ORDER BY created_at, id"));
  Rows rows = query.query();
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return live;
    const LiveSaga saga{rows.id<SagaId>(0), rows.id<OrderId>(1)};
    if (shard_of(saga.saga.value, shards) == shard) live.push_back(saga);
  }
}

// Whether the database refused what it was given, rather than failed.
bool is_about_data(const Error& error) {
  return error.code == Errc::invalid_argument || error.code == Errc::already_exists;
}

}  // namespace

Result<std::unique_ptr<Appender>> Appender::open(Database& database, const NewStore& if_new) {
  Database::Writer writer(database);
  Connection& connection = writer.connection();
  TRY(auto info, read_store(connection));
  if (!info) {
    TRY_VOID(create_store(connection, if_new));
    TRY(info, read_store(connection));
  }
  if (info && info->generation.is_nil() && !if_new.generation.is_nil()) {
    TRY_VOID(give_generation(connection, if_new.generation));
    info->generation = if_new.generation;
  }
  TRY(auto heads, read_heads(connection));
  if (!info || heads.size() != info->shards)
    return fail(Errc::corrupt, "The store's shards are not those it was made with.");
  TRY_VOID(check_level_to_open(*info));
  TRY(auto statements, WriteStatements::prepare(connection));
  return std::unique_ptr<Appender>(new Appender(database, std::move(statements), *info, std::move(heads)));
}

Result<int> Appender::raise_feature_level(int to) {
  TRY_VOID(check_level_to_raise(to));
  Database::Writer writer(database_);
  Connection& connection = writer.connection();
  TRY(Transaction transaction, Transaction::begin(connection));
  TRY(Statement update, connection.prepare("UPDATE store SET feature_level = max(feature_level, ?)"));
  TRY_VOID(update.run(to));
  TRY_VOID(transaction.commit());
  TRY(const std::int64_t stands, connection.integer("SELECT feature_level FROM store"));
  feature_level_.store(static_cast<int>(stands), std::memory_order_release);
  return static_cast<int>(stands);
}

Result<std::vector<TurnOutcome>> Appender::append(const std::vector<Turn>& batch) {
  Outcomes outcomes(batch.size());
  StandingTurns standing;
  Database::Writer writer(database_);
  TRY_VOID(append_part(writer.connection(), batch, outcomes, standing, NewStreams::assumed));
  writer.committed();
  return outcomes;
}

// R6: a part whose data the database refuses is halved until the culprit stands alone; before that it gets a second try
// without assumptions, because a stream that was taken for new may exist.
Result<void> Appender::append_part(Connection& connection, std::span<const Turn> turns, std::span<TurnOutcome> outcomes,
                                   StandingTurns& standing, NewStreams new_streams) {
  if (turns.empty()) return {};
  StandingTurns attempt = standing;
  auto done = try_part(connection, turns, outcomes, attempt, new_streams);
  if (done) {
    standing = std::move(attempt);
    return {};
  }
  cache_.clear();
  if (!is_about_data(done.error())) return done;
  if (new_streams == NewStreams::assumed) {
    return append_part(connection, turns, outcomes, standing, NewStreams::looked_up);
  }
  if (turns.size() == 1) {
    outcomes.front() = Refused{std::move(done).error()};
    return {};
  }
  const std::size_t half = turns.size() / 2;
  TRY_VOID(append_part(connection, turns.first(half), outcomes.first(half), standing, new_streams));
  auto rest = append_part(connection, turns.subspan(half), outcomes.subspan(half), standing, new_streams);
  // The first half is stored: only a batch sent again can tell.
  if (!rest) rest.error().code = Errc::outcome_unknown;
  return rest;
}

Result<void> Appender::try_part(Connection& connection, std::span<const Turn> turns, std::span<TurnOutcome> outcomes,
                                StandingTurns& standing, NewStreams new_streams) {
  TRY(Transaction transaction, Transaction::begin(connection));
  Batch batch(statements_, cache_, heads_, standing, new_streams, turns.size());
  for (std::size_t i = 0; i < turns.size(); ++i) {
    TRY(outcomes[i], batch.check(turns[i]));
  }
  if (batch.passed().empty()) return {};
  TRY_VOID(BatchWriter(statements_, batch).write());
  EDDA_FAILPOINT("append.before_commit", turns.front().events.front().type);
  TRY_VOID(transaction.commit());
  EDDA_FAILPOINT("append.after_commit", turns.front().events.front().type);
  keep(batch);
  return {};
}

void Appender::keep(Batch& batch) {
  heads_ = batch.heads();
  for (const StagedStream& stream : batch.streams()) {
    // A stream that does not exist is not kept: it would push out one that does.
    if (stream.state.version.value > 0) cache_.put(stream.id, stream.state);
  }
}

Result<TakeOver> Appender::take_over(ShardId shard, const std::string& node, std::optional<Epoch> if_epoch) {
  if (shard.value >= info_.shards) return fail(Errc::invalid_argument, "The store has no such shard.");
  Database::Writer writer(database_);
  Connection& connection = writer.connection();
  TRY(Transaction transaction, Transaction::begin(connection));
  const ShardHead& head = heads_[shard.value];
  if (if_epoch && *if_epoch != head.epoch) return fail(Errc::version_conflict, "another node has taken the shard");
  const Epoch epoch{head.epoch.value + 1};
  TRY(Statement raise, connection.prepare("UPDATE shards SET epoch = ?2, owner = ?3 WHERE shard = ?1"));
  TRY_VOID(raise.run(shard, epoch, node));
  TRY(auto live, read_live(connection, shard, info_.shards));
  EDDA_FAILPOINT("take_over.before_commit");
  TRY_VOID(transaction.commit());
  EDDA_FAILPOINT("take_over.after_commit");
  writer.committed();
  heads_[shard.value].epoch = epoch;
  return TakeOver{epoch, head.last_pos, std::move(live)};
}

}  // namespace edda::sqlite
