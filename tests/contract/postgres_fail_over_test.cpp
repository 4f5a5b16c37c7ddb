// A standby takes over that had not got the end of the log: the store is of another generation, and everybody knows it in time.
#include <gmock/gmock.h>

#include <future>
#include <set>

#include "bench/local_cluster.hpp"
#include "contract/postgres_store_under_test.hpp"
#include "contract/turn_builder.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::test {
namespace {

using testing_support::PostgresDatabase;
using testing_support::PostgresServer;

class ContractPostgresFailOver : public testing::Test {
 protected:
  static void append(PostgresLog& log, Turn turn) {
    const auto outcomes = await(log.store().append({std::move(turn)}, soon()));
    ASSERT_TRUE(outcomes) << outcomes.error().message;
    ASSERT_TRUE(std::holds_alternative<Appended>(outcomes->front())) << to_text(outcomes->front());
  }
  /// A turn that writes the stream's event of that version.
  static Turn noted(std::uint64_t number, std::int64_t version) {
    const auto stream = id_of<StreamId>(1);
    return TurnBuilder(number).expects(stream, version - 1).event(stream, "Noted");
  }
  /// The tail that is lost: one turn.
  void fail_over() {
    server_.make_standby();
    append(a_, noted(2, 2));
    server_.kill();
    server_.start_standby();
    server_.promote();
  }
  static void run_postgres(std::vector<std::string> words) {
    words.front() = bench::postgres_program(words.front());
    const auto done = bench::must_run(std::move(words), bench::plain_environment(), std::chrono::seconds(60));
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string generation() { return database_->sql("SELECT generation FROM edda.store").front().front(); }

  PostgresServer server_{{.standbys = true}};
  std::shared_ptr<PostgresDatabase> database_ = migrated_database(server_);
  PostgresLog a_{1, database_};
  PostgresLog b_{1, database_};
};

TEST_F(ContractPostgresFailOver, GivesTheStoreOneNewGenerationThatEveryNodeMeets) {
  append(a_, noted(1, 1));
  const Uuid before = a_.store().info().generation;
  ASSERT_EQ(b_.store().info().generation, before);
  fail_over();
  auto meets = [](PostgresLog& log) { return std::async(std::launch::async, [&log] { return await(log.store().last_positions(soon())); }); };
  auto first = meets(a_);
  auto second = meets(b_);
  const auto ends = first.get();
  ASSERT_TRUE(ends) << ends.error().message;
  ASSERT_TRUE(second.get());
  EXPECT_EQ(ends->front().value, 1) << "the tail is lost";
  EXPECT_NE(a_.store().info().generation, before);
  EXPECT_EQ(a_.store().info().generation, b_.store().info().generation);
  EXPECT_EQ(to_string(a_.store().info().generation), generation());
}

TEST_F(ContractPostgresFailOver, WhatWasDecidedBeforeItIsNotAppendedAfterIt) {
  append(a_, noted(1, 1));
  fail_over();
  // Another node has written what stands under the version now.
  ASSERT_TRUE(await(b_.store().last_positions(soon())));
  append(b_, noted(3, 2));
  const auto outcomes = await(a_.store().append({noted(4, 3)}, soon()));
  ASSERT_FALSE(outcomes) << to_text(outcomes->front());
  EXPECT_EQ(outcomes.error().code, Errc::unavailable);
  EXPECT_EQ(outcomes.error().reason, "store_failed_over");
  append(a_, noted(5, 3));
}

TEST_F(ContractPostgresFailOver, AStandbyIsOfNoUseUntilItIsPromoted) {
  const std::string before = generation();
  server_.make_standby();
  server_.kill();
  server_.start_standby();
  const auto refused = await(a_.store().last_positions(soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  server_.promote();
  ASSERT_TRUE(await(b_.store().last_positions(soon())));
  EXPECT_NE(to_string(b_.store().info().generation), before);
}

TEST_F(ContractPostgresFailOver, ADumpThatIsRestoredIsOfAnotherGenerationWhereverItIs) {
  append(a_, noted(1, 1));
  const Uuid before = a_.store().info().generation;
  const TemporaryFolder folder;
  const std::string dump = folder.path() / "dump.sql";
  run_postgres({"pg_dump", "--schema=edda", "--file=" + dump, "--dbname=" + database_->address()});
  const auto elsewhere = std::make_shared<PostgresDatabase>(server_);
  database_->sql("DROP SCHEMA edda CASCADE");
  std::set<Uuid> generations{before};
  for (const auto& database : {elsewhere, database_}) {
    run_postgres({"psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file=" + dump, "--dbname=" + database->address()});
    PostgresLog restored(1, database);
    append(restored, noted(2, 2));
    EXPECT_TRUE(generations.insert(restored.store().info().generation).second);
  }
}

TEST_F(ContractPostgresFailOver, ARestartOfTheServerIsNone) {
  const std::string before = generation();
  server_.restart();
  ASSERT_TRUE(await(a_.store().last_positions(soon())));
  EXPECT_EQ(generation(), before);
  server_.kill();
  server_.start();
  ASSERT_TRUE(await(a_.store().last_positions(soon())));
  EXPECT_EQ(generation(), before);
  EXPECT_EQ(to_string(a_.store().info().generation), before);
}

}  // namespace
}  // namespace edda::test
