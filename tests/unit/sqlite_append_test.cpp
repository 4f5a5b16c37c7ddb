#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/sqlite_under_test.hpp"

namespace edda::sqlite {
namespace {

using namespace edda::test;
using testing::SizeIs;

std::vector<TurnOutcome> append(SqliteUnderTest& store, std::vector<Turn> batch) {
  auto outcomes = await(store.log().append(std::move(batch), soon()));
  EXPECT_TRUE(outcomes) << outcomes.error().message;
  return outcomes ? *std::move(outcomes) : std::vector<TurnOutcome>();
}

std::size_t events_in(SqliteUnderTest& store) {
  return await(store.log().read_shard(ShardId{}, Position{0}, 10'000, soon()))->size();
}

/// Runs SQL behind the store's back, on its own writing connection.
void run_sql(SqliteUnderTest& store, const std::string& sql) {
  Database::Writer writer(store.database());
  ASSERT_TRUE(writer.connection().execute(sql));
}

TEST(UnitSqliteAppend, BisectsABatchThatTheDatabaseRefuses) {
  SqliteUnderTest store;
  run_sql(store,
          "CREATE TRIGGER poison BEFORE INSERT ON events WHEN new.data = '\"poison\"'"
          " BEGIN SELECT RAISE(ABORT, 'poison'); END");
  TurnBuilder culprit(3);
  culprit.expects(stream_of(OrderIds(3).order), 0).event(stream_of(OrderIds(3).order), "OrderCreated", "\"poison\"");
  const Turn poisoned = culprit.claim(9);
  // 4 loses the claim to 3 only as long as 3 stands; 5 was folded over 3.
  TurnBuilder dependent(5);
  dependent.expects(stream_of(OrderIds(5).order), 0)
      .event(stream_of(OrderIds(5).order), "OrderCreated")
      .after(poisoned);
  const Turn first = place(1, OrderIds(1));
  const auto outcomes = append(store, {first, charge(2, OrderIds(1)).after(first), poisoned,
                                       place(4, OrderIds(4)).claim(9), dependent, place(6, OrderIds(6))});
  ASSERT_THAT(outcomes, SizeIs(6));
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[0]));
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[1])) << to_text(outcomes[1]);
  EXPECT_TRUE(std::holds_alternative<Refused>(outcomes[2])) << to_text(outcomes[2]);
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[3])) << to_text(outcomes[3]);
  EXPECT_TRUE(std::holds_alternative<Conflict>(outcomes[4])) << to_text(outcomes[4]);
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[5]));
  EXPECT_TRUE(await(store.check().check_log(soon()))->findings.empty());
}

/// What `turn` is told when it is sent first in the life of a writer, so that nothing of the streams is known but what
/// stands in the log, in a batch with turns that begin new streams.
std::vector<TurnOutcome> told_after_a_restart(std::vector<Turn> stored, const Turn& turn) {
  const auto folder = std::make_shared<TemporaryFolder>();
  {
    SqliteUnderTest before(1, folder);
    append(before, std::move(stored));
  }
  SqliteUnderTest store(1, folder);
  auto outcomes = append(store, {place(101, OrderIds(101)).key(101), turn, place(102, OrderIds(102)).key(102)});
  EXPECT_THAT(outcomes, SizeIs(3));
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[0])) << to_text(outcomes[0]);
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[2])) << to_text(outcomes[2]);
  EXPECT_TRUE(await(store.check().check_log(soon()))->findings.empty());
  EXPECT_EQ(await(store.rebuild().rebuild_views(fold_rows, true, {}, soon()))->rows_changed, 0);
  return outcomes;
}

TEST(UnitSqliteAppend, TellsATurnThatBeginsAStreamWhichExistsThatItConflicts) {
  const auto outcomes = told_after_a_restart({place(1, OrderIds(1))}, place(2, OrderIds(1)).key(2));
  const auto* conflict = std::get_if<Conflict>(&outcomes[1]);
  ASSERT_NE(conflict, nullptr) << to_text(outcomes[1]);
  EXPECT_EQ(conflict->stream, stream_of(OrderIds(1).order));
  EXPECT_EQ(conflict->actual, StreamVersion{1});
}

TEST(UnitSqliteAppend, FindsAConflictInTheLastStreamThatATurnBegins) {
  const StreamId fresh = stream_of(OrderIds(2).order);
  const StreamId taken = stream_of(OrderIds(1).saga);
  TurnBuilder turn(2);
  turn.expects(fresh, 0).expects(taken, 0).event(fresh, "OrderCreated", order_created(OrderIds(2)));
  turn.event(taken, "SagaStarted");
  const auto outcomes = told_after_a_restart({place(1, OrderIds(1))}, turn.with_rows());
  const auto* conflict = std::get_if<Conflict>(&outcomes[1]);
  ASSERT_NE(conflict, nullptr) << to_text(outcomes[1]);
  EXPECT_EQ(conflict->stream, taken);
}

TEST(UnitSqliteAppend, LooksUpAStreamThatATurnExpectsToBeNewButDoesNotBegin) {
  const StreamId fresh = stream_of(OrderIds(2).order);
  TurnBuilder turn(2);
  turn.expects(fresh, 0).expects(stream_of(OrderIds(1).saga), 0);
  turn.event(fresh, "OrderCreated", order_created(OrderIds(2)));
  const auto outcomes = told_after_a_restart({place(1, OrderIds(1))}, turn.with_rows());
  EXPECT_TRUE(std::holds_alternative<Conflict>(outcomes[1])) << to_text(outcomes[1]);
}

TEST(UnitSqliteAppend, KnowsItsOwnTurnAgainAfterARestartBeforeItsKey) {
  const auto plain = told_after_a_restart({place(1, OrderIds(1))}, place(1, OrderIds(1)));
  ASSERT_TRUE(std::holds_alternative<Appended>(plain[1])) << to_text(plain[1]);
  EXPECT_EQ(std::get<Appended>(plain[1]).first, Position{1});
  const auto keyed = told_after_a_restart({place(1, OrderIds(1)).key(1)}, place(1, OrderIds(1)).key(1));
  ASSERT_TRUE(std::holds_alternative<Appended>(keyed[1])) << to_text(keyed[1]);
  EXPECT_EQ(std::get<Appended>(keyed[1]).first, Position{1});
}

TEST(UnitSqliteAppend, WritesSagaRowsInBatchesOfAnySize) {
  for (const std::uint64_t size : {1U, 3U, 4U, 5U, 15U, 16U, 21U, 40U}) {
    SqliteUnderTest store;
    std::vector<Turn> places;
    for (std::uint64_t order = 1; order <= size; ++order) places.push_back(place(order, OrderIds(order)));
    append(store, places);
    // Rows that stand already and rows that do not, in one batch.
    std::vector<Turn> mixed;
    for (std::uint64_t order = 1; order <= size; ++order) {
      mixed.push_back(charge(1000 + order, OrderIds(order)));
      mixed.push_back(place(2000 + order, OrderIds(size + order)));
    }
    for (const auto& outcome : append(store, mixed)) EXPECT_TRUE(std::holds_alternative<Appended>(outcome));
    EXPECT_EQ(await(store.rebuild().rebuild_views(fold_rows, true, {}, soon()))->rows_changed, 0) << size;
    EXPECT_TRUE(await(store.check().check_log(soon()))->findings.empty()) << size;
  }
}

TEST(UnitSqliteAppend, AcknowledgesNothingOnAFullDiskAndRecovers) {
  SqliteUnderTest store;
  append(store, {place(1, OrderIds(1))});
  run_sql(store, "PRAGMA max_page_count = 60");
  std::uint64_t stored = 1;
  Result<std::vector<TurnOutcome>> outcomes;
  for (std::uint64_t turn = 2; turn < 2'000; ++turn) {
    outcomes = await(store.log().append({place(turn, OrderIds(turn)).key(turn)}, soon()));
    if (!outcomes) break;
    ++stored;
  }
  ASSERT_FALSE(outcomes);
  EXPECT_EQ(outcomes.error().code, Errc::unavailable);
  EXPECT_EQ(outcomes.error().reason, "store_full");
  EXPECT_EQ(events_in(store), stored * 3);

  run_sql(store, "PRAGMA max_page_count = 100000");
  const auto again = append(store, {place(stored + 1, OrderIds(stored + 1)).key(stored + 1)});
  EXPECT_TRUE(std::holds_alternative<Appended>(again.front())) << to_text(again.front());
  EXPECT_TRUE(await(store.check().check_log(soon()))->findings.empty());
}

TEST(UnitSqliteAppend, ACopyTakenMidwayHoldsEveryAcknowledgedTurn) {
  const auto copy = std::make_shared<TemporaryFolder>();
  constexpr std::uint64_t turns = 50;
  {
    SqliteUnderTest store;
    for (std::uint64_t turn = 1; turn <= turns; ++turn) append(store, {place(turn, OrderIds(turn)).key(turn)});
    // As a power cut leaves the files: nothing closed, nothing checkpointed.
    for (const char* name : {"edda.sqlite3", "edda.sqlite3-wal"}) {
      std::filesystem::copy_file(store.database().options().folder / name, copy->path() / name);
    }
  }
  SqliteUnderTest revived(1, copy);
  EXPECT_EQ(events_in(revived), turns * 3);
  EXPECT_TRUE(await(revived.check().check_log(soon()))->findings.empty());
  const auto again = append(revived, {place(7, OrderIds(7)).key(7), place(turns + 1, OrderIds(turns + 1))});
  const auto* own = std::get_if<Appended>(&again[0]);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->first, Position{19});
  EXPECT_EQ(std::get<Appended>(again[1]).first, Position{turns * 3 + 1});
}

TEST(UnitSqliteAppend, ATornLogLosesOnlyItsTornEnd) {
  const auto copy = std::make_shared<TemporaryFolder>();
  {
    SqliteUnderTest store;
    for (std::uint64_t turn = 1; turn <= 20; ++turn) append(store, {place(turn, OrderIds(turn))});
    for (const char* name : {"edda.sqlite3", "edda.sqlite3-wal"}) {
      std::filesystem::copy_file(store.database().options().folder / name, copy->path() / name);
    }
  }
  const auto log = copy->path() / "edda.sqlite3-wal";
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 100);
  SqliteUnderTest revived(1, copy);
  EXPECT_EQ(events_in(revived), 19U * 3);
  EXPECT_TRUE(await(revived.check().check_log(soon()))->findings.empty());
}

TEST(UnitSqliteAppend, KeepsTheLogOfWritesBounded) {
  const auto folder = std::make_shared<TemporaryFolder>();
  DatabaseOptions options;
  options.folder = folder->path();
  options.checkpoint_pages = 100;
  auto database = Database::open(options);
  ASSERT_TRUE(database);
  auto store = SqliteStore::open(**database, {.shards = 1, .generation = uuid_of(1)});
  ASSERT_TRUE(store);
  std::int64_t largest = 0;
  for (std::uint64_t turn = 1; turn <= 500; ++turn) {
    ASSERT_TRUE(await((*store)->append({place(turn, OrderIds(turn)).key(turn)}, soon())));
    largest = std::max(largest, (*database)->wal_file_bytes());
  }
  // Some batches may slip in before the checkpoint gets its turn; without any the log would have thousands of pages.
  EXPECT_LT(largest, 400 * 4096);
}

TEST(UnitSqliteAppend, KeepsTheShapeItWasMadeWith) {
  const auto folder = std::make_shared<TemporaryFolder>();
  {
    SqliteUnderTest store(2, folder);
    EXPECT_EQ(store.log().info().shards, 2);
  }
  // What the store was made with stands, whatever is proposed later.
  SqliteUnderTest store(1, folder);
  EXPECT_EQ(store.log().info().shards, 2);
  EXPECT_EQ(store.log().info().generation, uuid_of(1));
}

TEST(UnitSqliteAppend, CheckFindsWhatIsBroken) {
  SqliteUnderTest store;
  append(store, {place(1, OrderIds(1)).key(1), place(2, OrderIds(2))});
  run_sql(store, "DELETE FROM events WHERE pos = 2");
  run_sql(store, "UPDATE totals SET n = n + 1 WHERE kind = 'order'");
  run_sql(store, "INSERT INTO keys VALUES (x'00112233445566778899aabbccddeeff', x'01', 1, 0)");
  run_sql(store, "UPDATE events SET at = 1 WHERE pos = 6");
  const auto found = await(store.check().check_log(soon()));
  ASSERT_TRUE(found);
  using testing::Contains;
  using testing::HasSubstr;
  EXPECT_THAT(found->findings, Contains(HasSubstr("position 3 follows 1")));
  EXPECT_THAT(found->findings, Contains(HasSubstr("time runs backwards at position 6")));
  EXPECT_THAT(found->findings, Contains(HasSubstr("order pending, but there are 2")));
  EXPECT_THAT(found->findings, Contains(HasSubstr("Key 00112233445566778899aabbccddeeff")));
}

TEST(UnitSqliteAppend, RebuildMendsRowsTotalsAndStrays) {
  SqliteUnderTest store;
  append(store, {place(1, OrderIds(1)), place(2, OrderIds(2))});
  run_sql(store, "UPDATE order_view SET status = 'shipped', total_minor = 5");
  run_sql(store, "DELETE FROM payment_view");
  run_sql(store, "UPDATE saga_view SET created_at = created_at + 1");
  run_sql(store, "UPDATE totals SET n = 77 WHERE kind = 'order'");
  ASSERT_TRUE(await(store.rebuild().rebuild_views(fold_rows, false, {}, soon())));
  EXPECT_EQ(await(store.rebuild().rebuild_views(fold_rows, true, {}, soon()))->rows_changed, 0);
  EXPECT_TRUE(await(store.check().check_log(soon()))->findings.empty());
  // The writer had cached what it knew of these rows.
  append(store, {charge(3, OrderIds(1))});
  EXPECT_EQ(await(store.rebuild().rebuild_views(fold_rows, true, {}, soon()))->rows_changed, 0);
}

}  // namespace
}  // namespace edda::sqlite
