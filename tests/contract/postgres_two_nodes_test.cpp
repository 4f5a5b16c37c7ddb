// Two nodes on one PostgreSQL: what one does while the other is in the middle of it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "contract/postgres_store_under_test.hpp"
#include "postgres/log_check.hpp"
#include "postgres/owners.hpp"
#include "postgres/read_models.hpp"
#include "postgres/view_rebuild.hpp"

namespace edda::test {
namespace {

using testing::IsEmpty;
using testing_support::PostgresSession;
using testing_support::wait_for_lock_waits;

constexpr std::uint16_t two_nodes_shards = 4;

struct Node {
  explicit Node(std::shared_ptr<testing_support::PostgresDatabase> database) : log(two_nodes_shards, std::move(database)) {}
  PostgresLog log;
  postgres::PostgresOwners owners{log.pool()};
  postgres::PostgresReadModels views{log.pool()};
  postgres::PostgresViewRebuild rebuild{log.pool()};
  postgres::PostgresStoreCheck check{log.pool()};

  /// Appends each turn to the shard of its streams; all must be stored.
  void append(std::vector<Turn> turns) {
    for (Turn& turn : turns) turn.shard = shard_of(turn.events.front().stream.value, two_nodes_shards);
    const auto outcomes = await(log.store().append(turns, soon()));
    ASSERT_TRUE(outcomes) << outcomes.error().message;
    for (const auto& outcome : *outcomes) ASSERT_TRUE(std::holds_alternative<Appended>(outcome)) << to_text(outcome);
  }
};

class ContractPostgresTwoNodes : public testing::Test {
 protected:
  Epoch take(std::string node) { return await(one_.log.store().take_over(ShardId{0}, std::move(node), {}, soon()))->epoch; }
  Result<void> move(Epoch epoch, std::int64_t position) {
    return await(one_.owners.move_cursor("feed", ShardId{0}, epoch, Position{position}, soon()));
  }
  std::int64_t cursor() { return await(two_.owners.read_cursor("feed", ShardId{0}, soon()))->value; }
  /// Moves while a take-over by the other node has happened and is not committed yet.
  Result<void> move_beside_take_over(Epoch epoch, std::int64_t position) {
    PostgresSession taker(*database_);
    taker.sql("SET search_path = edda; BEGIN; SELECT * FROM take_over(0, 'other', NULL)");
    auto moved = std::async(std::launch::async, [&] { return move(epoch, position); });
    wait_for_lock_waits(*database_, 1);
    taker.sql("COMMIT");
    return moved.get();
  }

  std::shared_ptr<testing_support::PostgresDatabase> database_ = migrated_database();
  Node one_{database_};
  Node two_{database_};
};

TEST_F(ContractPostgresTwoNodes, OfTwoThatSawTheSameLapsedOwnerOneTakesTheShard) {
  for (int round = 0; round < 20; ++round) {
    const Epoch seen{round};
    const auto take = [&](Node& node, const char* name) {
      return await(node.log.store().take_over(ShardId{1}, name, seen, soon()));
    };
    auto others = std::async(std::launch::async, [&] { return take(two_, "b"); });
    const auto one = take(one_, "a");
    const auto two = others.get();
    ASSERT_NE(one.has_value(), two.has_value());
    EXPECT_EQ((one ? one : two)->epoch.value, round + 1);
    EXPECT_EQ((one ? two : one).error().code, Errc::version_conflict);
    EXPECT_EQ(await(one_.owners.beat({"a"}, std::chrono::seconds(60), soon()))->shards[1].node, one ? "a" : "b");
  }
}

TEST_F(ContractPostgresTwoNodes, ACursorsFirstMoveWaitsForATakeOverAndIsFenced) {
  const Epoch stale = take("a");
  const auto moved = move_beside_take_over(stale, 5);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().reason, "fenced");
  EXPECT_EQ(cursor(), 0);
}

TEST_F(ContractPostgresTwoNodes, ACursorsLaterMoveWaitsForATakeOverAndIsFenced) {
  const Epoch stale = take("a");
  ASSERT_TRUE(move(stale, 5));
  const auto moved = move_beside_take_over(stale, 9);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().reason, "fenced");
  EXPECT_EQ(cursor(), 5);
}

TEST_F(ContractPostgresTwoNodes, AReleaseBesideATakeOverFreesNothing) {
  const Epoch stale = take("a");
  PostgresSession taker(*database_);
  taker.sql("SET search_path = edda; BEGIN; SELECT * FROM take_over(0, 'other', NULL)");
  auto released = std::async(std::launch::async, [&] { return await(one_.owners.release(ShardId{0}, stale, soon())); });
  wait_for_lock_waits(*database_, 1);
  taker.sql("COMMIT");
  EXPECT_TRUE(released.get());
  EXPECT_EQ(await(two_.owners.beat({"b"}, std::chrono::seconds(60), soon()))->shards[0].node, "other");
}

TEST_F(ContractPostgresTwoNodes, ANodeThatHangsInATransactionDoesNotKeepOthersFromBeating) {
  ASSERT_TRUE(await(one_.owners.beat({"a"}, std::chrono::seconds(60), soon())));
  take("a");
  PostgresSession hung(*database_);
  hung.sql("SET search_path = edda; BEGIN; SELECT * FROM shards FOR UPDATE; SELECT * FROM nodes WHERE node = 'a' FOR UPDATE");
  const auto view = await(two_.owners.beat({"b"}, std::chrono::seconds(60), soon()));
  ASSERT_TRUE(view);
  EXPECT_THAT(view->nodes, testing::ElementsAre("a", "b"));
}

TEST_F(ContractPostgresTwoNodes, OneRebuildsAtATime) {
  one_.append({place(1, OrderIds(1))});
  Result<RebuildReport> second;
  const auto first = await(one_.rebuild.rebuild_views(
      [&](const std::vector<RecordedEvent>& stream) {
        second = await(two_.rebuild.rebuild_views(fold_rows, true, {}, soon()));
        return fold_rows(stream);
      },
      true, {}, soon()));
  EXPECT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::already_exists);
  EXPECT_TRUE(await(two_.rebuild.rebuild_views(fold_rows, true, {}, soon())));
}

TEST_F(ContractPostgresTwoNodes, ARebuildBesideAppendsFindsAndSpoilsNothing) {
  std::atomic<bool> finished = false;
  auto appended = std::async(std::launch::async, [&] {
    std::uint64_t n = 0;
    while (!finished) {
      ++n;
      two_.append({place(n * 2, OrderIds(n), static_cast<std::int64_t>(n))});
      two_.append({charge(n * 2 + 1, OrderIds(n), static_cast<std::int64_t>(n))});
    }
    return n;
  });
  for (int round = 0; round < 10; ++round) {
    const auto report = await(one_.rebuild.rebuild_views(fold_rows, false, {}, soon()));
    EXPECT_TRUE(report) << report.error().message;
    if (report) EXPECT_THAT(report->differences, IsEmpty());
  }
  finished = true;
  EXPECT_GT(appended.get(), 0U);
  const auto found = await(one_.check.check_log(soon()));
  EXPECT_THAT(found->findings, IsEmpty());
}

TEST_F(ContractPostgresTwoNodes, ARebuildMendsWhileAppendsGoOn) {
  for (std::uint64_t n = 1; n <= 20; ++n) one_.append({place(n, OrderIds(n))});
  // Wrong, missing, and without a stream; and a total that does not count them.
  database_->sql(
      "SET search_path = edda; UPDATE order_view SET status = 'delivered' WHERE id IN (SELECT id FROM order_view LIMIT 5);"
      " DELETE FROM saga_view WHERE id IN (SELECT id FROM saga_view LIMIT 5);"
      " UPDATE payment_view SET id = gen_random_uuid() WHERE id IN (SELECT id FROM payment_view LIMIT 2);"
      " UPDATE totals SET n = n + 3 WHERE kind = 'event'");
  EXPECT_FALSE(await(one_.check.check_log(soon()))->findings.empty());
  std::atomic<bool> finished = false;
  auto appended = std::async(std::launch::async, [&] {
    for (std::uint64_t n = 1; n <= 20 || !finished; ++n) {
      if (n <= 20) two_.append({charge(100 + n, OrderIds(n))});
    }
  });
  const auto report = await(one_.rebuild.rebuild_views(fold_rows, false, {}, soon()));
  finished = true;
  appended.get();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report->rows_changed, 0);
  const auto again = await(one_.rebuild.rebuild_views(fold_rows, true, {}, soon()));
  EXPECT_THAT(again->differences, IsEmpty());
  EXPECT_THAT(await(one_.check.check_log(soon()))->findings, IsEmpty());
}

TEST_F(ContractPostgresTwoNodes, TheCheckFindsWhatIsWrongWithALog) {
  for (std::uint64_t n = 1; n <= 8; ++n) {
    one_.append({place(n, OrderIds(n)).key(n)});
  }
  const auto first_finding = [&](const std::string& statements) {
    database_->sql("SET search_path = edda; " + statements);
    const auto found = await(one_.check.check_log(soon()));
    return found->findings.empty() ? std::string() : found->findings.front();
  };
  EXPECT_EQ(first_finding("UPDATE shards SET last_pos = 7 WHERE shard = 2"), "Shard 2: the log ends at 6, the shard's row says 7.");
  EXPECT_EQ(first_finding("UPDATE events SET at = at - interval '1 second' WHERE shard = 1 AND pos = 4"),
            "Shard 1: time runs backwards at position 4.");
  EXPECT_EQ(first_finding("UPDATE events SET pos = 9 WHERE shard = 0 AND pos = 6"), "Shard 0: position 9 follows 5.");
  const auto found = await(one_.check.check_log(soon()));
  EXPECT_EQ(found->findings_total, 4);  // the end of shard 0 moved too
  database_->sql("SET search_path = edda; UPDATE events SET version = 2 WHERE shard = 3 AND pos = 1; DELETE FROM totals WHERE kind = 'saga'");
  const auto more = await(one_.check.check_log(soon()));
  EXPECT_EQ(more->findings_total, 4 + 3);  // a version, the key that names it, a total
}

TEST_F(ContractPostgresTwoNodes, AListOfLargeOrdersEndsEarly) {
  for (std::uint64_t n = 1; n <= 8; ++n) {
    Turn turn = place(n, OrderIds(n), static_cast<std::int64_t>(n));
    turn.events.front().data.pop_back();
    turn.events.front().data += fmt::format(R"(,"unknown":"{}"}})", std::string(1'000'000, 'x'));
    one_.append({turn});
  }
  const auto page = await(two_.views.list_orders({}, {.after = {}, .offset = 0, .limit = 7}, soon()));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->items.size(), 5U);
  EXPECT_TRUE(page->has_more);
  const ListCursor last{page->items.back().created_at, page->items.back().row.id.value};
  const auto rest = await(two_.views.list_orders({}, {.after = last, .offset = 0, .limit = 7}, soon()));
  EXPECT_EQ(rest->items.size(), 3U);
  EXPECT_FALSE(rest->has_more);
}

}  // namespace
}  // namespace edda::test
