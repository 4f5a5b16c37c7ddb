// Connections, pool and migrations against a real PostgreSQL, with its faults.
#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <future>

#include "contract/postgres_under_test.hpp"
#include "contract/turn_builder.hpp"
#include "postgres/sql_error.hpp"

namespace edda::test {
namespace {

using postgres::Connection;
using postgres::Effect;
using postgres::params;
using postgres::Params;
using postgres::Rows;
using testing_support::PostgresDatabase;
using testing_support::PostgresServer;

Deadline in_ms(int ms) { return Deadline{std::chrono::steady_clock::now() + std::chrono::milliseconds(ms)}; }

class ContractPostgresConnection : public testing::Test {
 protected:
  Result<Rows> read(std::string_view sql, Params with = {}) { return await(pool_->read(sql, std::move(with), soon())); }
  Result<Rows> write(std::string_view sql, Params with = {}) {
    return await(pool_->query(sql, std::move(with), Effect::write, soon()));
  }

  std::unique_ptr<PostgresDatabase> database_ = migrated_database();
  PostgresPool pool_{database_->address(), 2};
};

TEST_F(ContractPostgresConnection, CarriesEveryKindOfValueThereAndBack) {
  const Uuid id = parse_uuid("018f4e8a-0001-7000-8000-0123456789ab").value();
  const Timestamp at = from_micros(1'700'000'000'123'456);
  const auto rows = read("SELECT $1, $2, $3, $4, $5, $6",
                         params(-5, std::string("\xC3\xA9 '\\"), true, id, at, std::optional<std::int64_t>()));
  ASSERT_TRUE(rows) << rows.error().message;
  const postgres::Row row = rows->front();
  EXPECT_EQ(row.integer(0), -5);
  EXPECT_EQ(row.text(1), "\xC3\xA9 '\\");
  EXPECT_TRUE(row.boolean(2));
  EXPECT_EQ(row.uuid(3), id);
  EXPECT_EQ(row.timestamp(4), at);
  EXPECT_TRUE(row.is_null(5));
}

TEST_F(ContractPostgresConnection, CarriesArrays) {
  const std::vector<std::int32_t> small = {1, -2};
  const std::vector<std::int64_t> large = {std::int64_t{1} << 40, -7};
  const std::vector<std::string_view> texts = {"", "a,\"b\""};
  const std::vector<Timestamp> times = {from_micros(0), from_micros(-1)};
  const std::vector<Uuid> ids = {Uuid{}, uuid_of(7)};
  Params with;
  with.add_int4s(small).add_int8s(large).add_texts(texts).add_timestamps(times).add_uuids(ids).add_booleans({true, false});
  const auto rows = read("SELECT * FROM unnest($1, $2, $3, $4, $5, $6)", std::move(with));
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2U);
  const postgres::Row last = (*rows)[1];
  EXPECT_EQ(last.integer(0), -2);
  EXPECT_EQ(last.integer(1), -7);
  EXPECT_EQ(last.text(2), "a,\"b\"");
  EXPECT_EQ(last.timestamp(3), times[1]);
  EXPECT_EQ(last.uuid(4), ids[1]);
  EXPECT_FALSE(last.boolean(5));
  const auto none = read("SELECT * FROM unnest($1)", std::move(Params().add_texts({})));
  EXPECT_TRUE(none && none->empty());
}

TEST_F(ContractPostgresConnection, CarriesMoreThanASocketHolds) {
  const std::string large(std::size_t{20} << 20, 'x');
  const auto rows = read("SELECT $1 || 'y'", params(large));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->front().text_view(0).size(), large.size() + 1);
}

TEST_F(ContractPostgresConnection, SeesItsSchemaOnlyAndWaitsForTheDisk) {
  const auto rows = read("SELECT current_setting('search_path'), current_setting('synchronous_commit'),"
                         " current_setting('statement_timeout'), current_setting('lock_timeout')");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().text(0), "edda");
  EXPECT_EQ(rows->front().text(1), "on");
  EXPECT_EQ(rows->front().text(2), "15s");
  EXPECT_EQ(rows->front().text(3), "5s");
}

TEST_F(ContractPostgresConnection, TellsWhatWasWrongWithoutTheData) {
  const auto insert = "INSERT INTO secrets(name, value) VALUES ($1, $2)";
  ASSERT_TRUE(write(insert, params("one", "hidden")));
  const auto twice = write(insert, params("one", "hidden"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::already_exists);
  EXPECT_EQ(twice.error().where, "secrets_pkey");
  EXPECT_EQ(twice.error().message.find("hidden"), std::string::npos);
  EXPECT_EQ(write(insert, params("two", "\xC3(")).error().code, Errc::invalid_argument);
  EXPECT_EQ(write(insert, params("two", std::optional<std::string>())).error().code, Errc::invalid_argument);
  EXPECT_EQ(read("SELECT nothing FROM nowhere").error().code, Errc::internal);
  EXPECT_EQ(read("SELECT 1")->size(), 1U) << "the connection goes on";
}

TEST_F(ContractPostgresConnection, NobodyWaitsLongerThanTheDeadline) {
  const auto lost_read = await(pool_->read("SELECT pg_sleep(600)", {}, in_ms(50)));
  ASSERT_FALSE(lost_read);
  EXPECT_EQ(lost_read.error().code, Errc::unavailable);
  const auto lost_write = await(pool_->query("SELECT pg_sleep(600)", {}, Effect::write, in_ms(50)));
  ASSERT_FALSE(lost_write);
  EXPECT_EQ(lost_write.error().code, Errc::outcome_unknown);
  EXPECT_EQ(read("SELECT 1")->size(), 1U);
}

TEST_F(ContractPostgresConnection, WhoeverFindsNoConnectionWaitsForOneAndNotForEver) {
  PostgresPool one(database_->address(), 1);
  const auto outer = await(one->with(
      [&](Connection&) -> Task<Result<std::string>> {
        const auto none = co_await one->read("SELECT 1", {}, in_ms(50));
        co_return none ? "lent twice" : std::string(to_string(none.error().code));
      },
      soon()));
  ASSERT_TRUE(outer);
  EXPECT_EQ(*outer, "unavailable");
  std::vector<std::future<bool>> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(std::async([&] { return await(one->read("SELECT pg_sleep(0.01)", {}, soon())).has_value(); }));
  for (auto& each : all) EXPECT_TRUE(each.get());
}

TEST_F(ContractPostgresConnection, RollsBackWhatFailsAndKeepsWhatIsCommitted) {
  for (const bool fails : {true, false}) {
    const auto done = await(pool_->transaction(
        [fails](Connection& connection) -> Task<Result<int>> {
          CO_TRY_VOID(co_await connection.read("INSERT INTO secrets(name, value) VALUES ('t', '')", {}, soon()));
          if (fails) co_return fail(Errc::rejected, "no");
          co_return 1;
        },
        soon()));
    EXPECT_EQ(done.has_value(), !fails);
    EXPECT_EQ(read("SELECT 1 FROM secrets")->size(), fails ? 0U : 1U);
  }
}

TEST_F(ContractPostgresConnection, HearsWhatOthersNotify) {
  const auto heard = await(pool_->with(
      [&](Connection& connection) -> Task<Result<std::vector<std::string>>> {
        std::vector<std::string> all;
        connection.on_notice([&](std::string_view payload) { all.emplace_back(payload); });
        CO_TRY_VOID(co_await connection.execute("LISTEN news", Effect::read, soon()));
        CO_TRY_VOID(co_await pool_->read("SELECT pg_notify('news', $1)", params("3:17"), soon()));
        while (all.empty()) CO_TRY_VOID(co_await connection.wait_for_notices(in_ms(20)));
        co_return all;
      },
      soon()));
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_THAT(*heard, testing::ElementsAre("3:17"));
}

TEST(ContractPostgresFaults, LivesThroughTheServersDeathAndReturn) {
  PostgresServer server;
  const auto database = migrated_database(server);
  PostgresPool pool(database->address(), 2);
  ASSERT_TRUE(await(pool->read("SELECT 1", {}, soon())));
  auto lost = std::async([&] { return await(pool->query("SELECT pg_sleep(600)", {}, Effect::write, soon())); });
  while (database->sql("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'").empty()) {
  }
  server.kill();
  const auto answer = lost.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::outcome_unknown);
  const auto refused = await(pool->query("SELECT 1", {}, Effect::write, soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable) << "nothing was sent";
  server.start();
  // Tries follow one another at growing distances.
  while (!await(pool->read("SELECT 1", {}, soon()))) {
  }
  server.restart();
  EXPECT_TRUE(await(pool->query("SELECT 1", {}, Effect::write, soon()))) << "an idle connection that died is not lent";
}

TEST(ContractPostgresFaults, KeepsThePasswordToItself) {
  PostgresServer server({.access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"});
  server.sql("postgres", "ALTER ROLE edda PASSWORD 'it''s right'");
  const auto address = [&](std::string_view password) {
    return postgres::conninfo("localhost", server.port(), "postgres", "edda", password);
  };
  PostgresPool right(address("it's right"));
  EXPECT_TRUE(await(right->read("SELECT 1", {}, soon())));
  std::string said;
  const auto wrong = await(Connection::open({.address = address("hunter2")}, soon(), &said));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "database_refuses");
  EXPECT_EQ(wrong.error().where, "user");
  EXPECT_NE(said.find("authentication failed"), std::string::npos) << said;
  EXPECT_EQ((said + wrong.error().message).find("hunter2"), std::string::npos);
  const auto malformed = await(Connection::open({.address = "host=localhost password=my hunter2"}, soon(), &said));
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().reason, "database_address");
  EXPECT_EQ((said + malformed.error().message).find("hunter2"), std::string::npos);
}

TEST(ContractPostgresFaults, TellsAMistakeFromAServerThatIsNotReady) {
  PostgresServer server({.access = "local all all trust\nhost all edda 127.0.0.1/32 trust\n"});
  server.sql("postgres", "CREATE ROLE plain LOGIN");
  server.sql("postgres", "CREATE DATABASE closed ALLOW_CONNECTIONS false");
  const auto refused = [&](const std::string& database, const std::string& user, const std::string& more = {}) {
    const auto address = postgres::conninfo("127.0.0.1", server.port(), database, user, "") + more;
    const auto opened = await(Connection::open({.address = address}, soon()));
    if (opened) throw std::runtime_error("let in");
    return opened.error().reason + "/" + opened.error().where;
  };
  EXPECT_EQ(refused("postgres", "plain"), "database_refuses/user") << "no access rule";
  EXPECT_EQ(refused("nowhere", "edda"), "database_refuses/dbname");
  EXPECT_EQ(refused("postgres", "edda", " sslmode=require"), "database_refuses/sslmode");
  EXPECT_EQ(refused("postgres", "edda", " sslmode=verify-full sslrootcert=/nowhere/ca.pem"), "database_refuses/sslmode");
  EXPECT_EQ(refused("closed", "edda"), "database_not_ready/");
  server.stop();
  EXPECT_EQ(refused("postgres", "edda"), "database_unreachable/");
}

TEST(ContractPostgresMigrations, NodesThatStartAtOnceMakeOneSchema) {
  const PostgresDatabase database;
  PostgresPool one(database.address());
  PostgresPool other(database.address());
  auto first = std::async([&] { return await(postgres::migrate(*one, soon())); });
  auto second = std::async([&] { return await(postgres::migrate(*other, soon())); });
  const auto done = first.get();
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_TRUE(second.get());
  const auto known = postgres::embedded_migrations().size();
  EXPECT_EQ(database.sql("SELECT count(*) FROM edda.schema_migrations").front().front(), std::to_string(known));
  EXPECT_TRUE(await(postgres::migrate(*one, soon())));
}

TEST(ContractPostgresMigrations, LeavesANewerStoreAlone) {
  const auto database = migrated_database();
  database->sql("INSERT INTO edda.schema_migrations VALUES (9999, 'tomorrow')");
  PostgresPool pool(database->address());
  const auto refused = await(postgres::migrate(*pool, soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "schema_too_new");
}

TEST(ContractPostgresMigrations, AStepThatFailsLeavesNothing) {
  const PostgresDatabase database;
  PostgresPool pool(database.address());
  const std::vector<postgres::Migration> broken = {{1, "good", "CREATE TABLE good(n int)"},
                                                   {2, "bad", "CREATE TABLE half(n int); CREATE TABLE good(n int)"}};
  EXPECT_FALSE(await(postgres::migrate(*pool, broken, soon())));
  EXPECT_EQ(database.sql("SELECT tablename::text FROM pg_tables WHERE schemaname = 'edda' ORDER BY 1").size(), 2U);
}

}  // namespace
}  // namespace edda::test
