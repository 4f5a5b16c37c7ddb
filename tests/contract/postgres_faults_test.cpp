// The log of a PostgreSQL store under what a database and its clients can do to it: transactions that stay open, that are rolled back or
// chosen as victims, clients that stop, a server that is killed.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "contract/postgres_store_under_test.hpp"

namespace edda::test {
namespace {

using postgres::Connection;
using postgres::Effect;
using postgres::TurnBatch;
using testing_support::PostgresDatabase;
using testing_support::PostgresServer;

/// Another client of the database, step by step.
class Client {
 public:
  explicit Client(const std::string& address) : connection_(*run(Connection::open({.address = address}, soon()))) {}
  // Where it lives.
  ~Client() {
    run([](auto connection) -> Task<void> {
      connection.reset();
      co_return;
    }(std::move(connection_)));
  }

  Result<void> execute(std::string sql) { return run(connection_->execute(std::move(sql), Effect::read, soon())); }
  Result<std::vector<TurnOutcome>> append(const std::vector<Turn>& turns) {
    std::vector<const Turn*> pointers;
    for (const Turn& turn : turns) pointers.push_back(&turn);
    const TurnBatch batch(pointers, {});
    const auto rows = run(connection_->query(TurnBatch::call(), batch.params(), Effect::write, soon()));
    if (!rows) return std::unexpected(rows.error());
    return batch.outcomes(*rows);
  }

 private:
  template <class T>
  T run(Task<T> task) {
    return boost::asio::co_spawn(thread_.executor(), std::move(task), boost::asio::use_future).get();
  }

  PostgresThread thread_;
  std::unique_ptr<Connection> connection_;
};

class ContractPostgresLog : public testing::Test {
 protected:
  static constexpr std::uint16_t shards = 4;

  static Turn in_shard(Turn turn, std::uint16_t shard) {
    turn.shard = ShardId{shard};
    return turn;
  }
  Result<std::vector<TurnOutcome>> append(PostgresLog& log, std::vector<Turn> turns) {
    return await(log.store().append(turns, soon()));
  }
  TurnOutcome append_one(Turn turn) {
    auto outcomes = append(log_, {std::move(turn)});
    EXPECT_TRUE(outcomes) << outcomes.error().message;
    return outcomes ? outcomes->front() : TurnOutcome{Refused{}};
  }
  std::vector<std::int64_t> positions(std::uint16_t shard) {
    std::vector<std::int64_t> all;
    for (const auto& event : *await(log_.store().read_shard(ShardId{shard}, Position{0}, 10'000, soon())))
      all.push_back(event.position.value);
    return all;
  }
  /// Returns when so many statements of clients wait for a lock.
  void until_waiting(int count) {
    while (database_->sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").size() <
           static_cast<std::size_t>(count)) {
    }
  }
  std::unique_ptr<PostgresLog> impatient(std::chrono::milliseconds lock, std::chrono::milliseconds statement) {
    auto options = PostgresPool::options(database_->address());
    options.connect.lock_timeout = lock;
    options.connect.statement_timeout = statement;
    return std::make_unique<PostgresLog>(std::move(options), database_);
  }

  std::shared_ptr<PostgresDatabase> database_ = migrated_database();
  PostgresLog log_{shards, database_};
};

TEST_F(ContractPostgresLog, ATransactionThatStaysOpenHidesNothingFromAnyReader) {
  Client slow(database_->address());
  ASSERT_TRUE(slow.execute("BEGIN"));
  ASSERT_TRUE(slow.append({in_shard(place(1, OrderIds(1)), 0)}));
  const PostgresDatabase elsewhere;
  Client idle(elsewhere.address());
  ASSERT_TRUE(idle.execute("CREATE SCHEMA edda; CREATE TABLE t(n int); BEGIN; INSERT INTO t VALUES (1)"));

  EXPECT_TRUE(std::holds_alternative<Appended>(append_one(in_shard(place(2, OrderIds(2)), 1))));
  EXPECT_THAT(positions(1), testing::ElementsAre(1, 2, 3)) << "other shards go on";
  auto behind = std::async([&] { return append_one(in_shard(place(3, OrderIds(3)), 0)); });
  until_waiting(1);
  EXPECT_THAT(positions(0), testing::IsEmpty());

  ASSERT_TRUE(slow.execute("COMMIT"));
  EXPECT_TRUE(std::holds_alternative<Appended>(behind.get()));
  EXPECT_THAT(positions(0), testing::ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(ContractPostgresLog, ARollbackLeavesNoHole) {
  Client gives_up(database_->address());
  ASSERT_TRUE(gives_up.execute("BEGIN"));
  ASSERT_TRUE(gives_up.append({in_shard(place(1, OrderIds(1)).key(1).claim(2), 0)}));
  auto behind = std::async([&] { return append_one(in_shard(place(2, OrderIds(2)).key(1).claim(2), 0)); });
  until_waiting(1);
  ASSERT_TRUE(gives_up.execute("ROLLBACK"));
  const TurnOutcome stored = behind.get();
  ASSERT_TRUE(std::holds_alternative<Appended>(stored)) << to_text(stored);
  EXPECT_EQ(std::get<Appended>(stored).first, Position{1});
}

TEST_F(ContractPostgresLog, WaitsForTheFirstOfTwoWhoWantOneKey) {
  Client first(database_->address());
  ASSERT_TRUE(first.execute("BEGIN"));
  ASSERT_TRUE(first.append({in_shard(place(1, OrderIds(1)).key(1), 0)}));
  auto second = std::async([&] { return append_one(in_shard(place(2, OrderIds(2)).key(1), 3)); });
  until_waiting(1);
  ASSERT_TRUE(first.execute("COMMIT"));
  const TurnOutcome loser = second.get();
  ASSERT_TRUE(std::holds_alternative<Duplicate>(loser)) << to_text(loser);
  EXPECT_EQ(std::get<Duplicate>(loser).stream, stream_of(OrderIds(1).order));
}

TEST_F(ContractPostgresLog, WhatTimesOutIsNotDoneAndKeepsNoKey) {
  const auto hasty = impatient(std::chrono::milliseconds(100), std::chrono::seconds(10));
  const auto hurried = impatient(std::chrono::seconds(10), std::chrono::milliseconds(200));
  Client holder(database_->address());
  ASSERT_TRUE(holder.execute("BEGIN; SELECT FROM shards WHERE shard = 0 FOR UPDATE"));
  const Turn turn = in_shard(place(1, OrderIds(1)).key(1).claim(2), 0);
  for (PostgresLog* log : {hasty.get(), hurried.get()}) {
    const auto late = append(*log, {turn});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::unavailable) << late.error().message;
  }
  ASSERT_TRUE(holder.execute("ROLLBACK"));
  EXPECT_FALSE(*await(log_.store().find_key(digest_of(1), soon())));
  EXPECT_TRUE(std::holds_alternative<Appended>(append_one(turn)));
}

TEST_F(ContractPostgresLog, AClientThatStopsInATransactionHoldsAShardForAWhileOnly) {
  Client stopped(database_->address());
  ASSERT_TRUE(stopped.execute("SET idle_in_transaction_session_timeout = 200; BEGIN; SELECT FROM shards WHERE shard = 0 FOR UPDATE"));
  EXPECT_TRUE(std::holds_alternative<Appended>(append_one(in_shard(place(1, OrderIds(1)), 0))));
}

TEST_F(ContractPostgresLog, TheVictimOfADeadlockTriesAgain) {
  Client other(database_->address());
  // Only the append looks for deadlocks soon enough to find this one.
  ASSERT_TRUE(other.execute("SET deadlock_timeout = '60s'; SET lock_timeout = 0; SET statement_timeout = 0; BEGIN;"
                            " SELECT FROM shards WHERE shard = 0 FOR UPDATE"));
  database_->sql(fmt::format("ALTER DATABASE {} SET deadlock_timeout = '3s'", database_->name()));
  const auto log = impatient(std::chrono::seconds(30), std::chrono::seconds(60));
  auto victim = std::async([&] { return append(*log, {in_shard(place(1, OrderIds(1)).key(1), 0)}); });
  until_waiting(1);
  ASSERT_TRUE(other.execute(fmt::format("INSERT INTO keys VALUES ('{}', '{}', 1, 0)", to_string(Uuid{digest_of(1)}),
                                        to_string(uuid_of(9)))));
  ASSERT_TRUE(other.execute("ROLLBACK"));
  const auto outcomes = victim.get();
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes->front()));
  EXPECT_THAT(positions(0), testing::ElementsAre(1, 2, 3));
}

TEST_F(ContractPostgresLog, RefusesOnlyTheTurnWhoseDataTheDatabaseDoesNotTake) {
  database_->sql("ALTER TABLE edda.events ADD CONSTRAINT no_lamps CHECK (data NOT LIKE '%BROKEN%')");
  Turn bad = place(2, OrderIds(2));
  bad.events.front().data = "{\"it is\":\"BROKEN\"}";
  const Turn good = place(1, OrderIds(1)).key(1);
  const auto outcomes = append(log_, {good, bad, charge(3, OrderIds(1)).after(good), charge(4, OrderIds(2)).after(bad)});
  ASSERT_TRUE(outcomes) << outcomes.error().message;
  EXPECT_TRUE(std::holds_alternative<Appended>((*outcomes)[0]));
  EXPECT_TRUE(std::holds_alternative<Refused>((*outcomes)[1]));
  EXPECT_TRUE(std::holds_alternative<Appended>((*outcomes)[2]));
  EXPECT_TRUE(std::holds_alternative<Conflict>((*outcomes)[3]));
  EXPECT_EQ(positions(0).size(), 6U);
}

/// Writers on a few streams and keys, and what each of them was told was stored.
class Ledger {
 public:
  explicit Ledger(std::uint64_t writers) : writers_(writers) {}

  void stored(const Turn& turn, const Appended& where) {
    const std::lock_guard lock(mutex_);
    const auto [known, fresh] = stored_.try_emplace(turn.id, std::pair(turn.shard, where.first));
    EXPECT_TRUE(fresh) << "told twice: " << to_string(turn.id) << " at " << known->second.second.value;
  }
  std::size_t size() const { return stored_.size(); }

  /// Everything that was acknowledged is there once; positions, versions and times have no gap and do not run backwards.
  void compare(PostgresLog& log, std::uint16_t shards) {
    std::map<StreamId, std::int64_t> versions;
    for (std::uint16_t shard = 0; shard < shards; ++shard) {
      const auto events = *await(log.store().read_shard(ShardId{shard}, Position{0}, 10'000, soon()));
      Timestamp at;
      for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i].position.value, static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(events[i].version.value, ++versions[events[i].stream]);
        EXPECT_GE(events[i].at, std::exchange(at, events[i].at));
        const bool first_of_turn = i == 0 || events[i - 1].turn != events[i].turn;
        if (!first_of_turn) continue;
        const auto told = stored_.extract(events[i].turn);
        if (told) EXPECT_EQ(told.mapped(), std::pair(ShardId{shard}, events[i].position));
      }
    }
    EXPECT_THAT(stored_, testing::IsEmpty()) << "acknowledged and not there";
  }

  /// Writer `number` sends turn after turn until told to stop; each as often as it takes to be answered.
  void write(PostgresLog& log, std::uint64_t number, std::uint16_t shards, const std::atomic<bool>& enough) {
    for (std::uint64_t turn = number; !enough; turn += writers_) {
      const OrderIds ids(turn / 2 * 2);
      const auto shard = static_cast<std::uint16_t>(turn / 2 % shards);
      std::vector<Turn> batch = {place(turn, ids).key(turn / 4), place(turn + 1'000'000, OrderIds(turn + 1'000'000)).claim(turn)};
      batch[0].shard = batch[1].shard = ShardId{shard};
      const auto outcomes = send(log, batch);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (const auto* appended = std::get_if<Appended>(&outcomes[i])) stored(batch[i], *appended);
      }
    }
  }

 private:
  static std::vector<TurnOutcome> send(PostgresLog& log, const std::vector<Turn>& batch) {
    for (;;) {
      auto outcomes = await(log.store().append(batch, soon()));
      if (outcomes) return *std::move(outcomes);
      EXPECT_TRUE(is_retryable(outcomes.error().code) || outcomes.error().code == Errc::outcome_unknown)
          << outcomes.error().message;
    }
  }

  const std::uint64_t writers_;
  std::mutex mutex_;
  std::map<TurnId, std::pair<ShardId, Position>> stored_;
};

TEST(ContractPostgresLedger, KeepsWhatItAcknowledgedThoughItIsKilledUnderLoad) {
  constexpr std::uint64_t writers = 4;
  constexpr std::uint16_t shards = 3;
  PostgresServer server;
  PostgresLog log(shards, migrated_database(server), writers);
  Ledger ledger(writers);
  std::atomic<bool> enough = false;
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < writers; ++number)
    threads.emplace_back([&, number] { ledger.write(log, number, shards, enough); });
  const auto stored = [&] { return log.database().sql("SELECT sum(last_pos) FROM edda.shards").front().front(); };
  for (int kills = 0; kills < 3; ++kills) {
    for (const std::string before = stored(); stored() == before;) {
    }
    server.kill();
    server.start();
  }
  for (const std::string before = stored(); stored() == before;) {
  }
  enough = true;
  for (auto& thread : threads) thread.join();
  EXPECT_GT(ledger.size(), 0U);
  ledger.compare(log, shards);
}

}  // namespace
}  // namespace edda::test
