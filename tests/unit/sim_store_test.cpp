#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "contract/sim_under_test.hpp"
#include "world/store_ownership.hpp"

namespace edda::test {
namespace {

using sim::Fault;
using sim::Sometimes;
using sim::Transaction;
using testing::SizeIs;

constexpr int always = 1000;

Turn placed() { return place(1, OrderIds(1)).key(1).claim(2); }

std::uint64_t seen(const SimWorld& world, Sometimes what) {
  return world.kernel.counters.sometimes[static_cast<std::size_t>(what)];
}

Result<std::vector<TurnOutcome>> append(SimWorld& world, const std::vector<Turn>& batch) {
  return world.run(world.at_node.append(batch, world.soon()));
}

/// One order is stored whole, or nothing of it is.
bool is_whole(const sim::StoreData& data) {
  const std::size_t events = data.shards[0].log.size();
  const bool stored = events == 3 && data.keys.size() == 2 && data.orders.size() == 1 && data.sagas.size() == 1;
  const bool absent = events == 0 && data.keys.empty() && data.orders.empty() && data.streams.empty();
  return stored || absent;
}

/// Statements of one transaction until it waits or is ready.
Transaction::Progress run(Transaction& transaction, sim::Database& database) {
  for (;;) {
    const auto progress = transaction.step(database);
    if (progress != Transaction::Progress::again) return progress;
  }
}

std::shared_ptr<sim::AppendTransaction> append_of(Turn turn) {
  return std::make_shared<sim::AppendTransaction>(std::make_shared<std::vector<Turn>>(1, std::move(turn)),
                                                  std::uint16_t{1});
}

TEST(UnitSimStore, KnowsATurnAgainWhoseAnswerWasLost) {
  SimWorld world({.shards = 1});
  world.kernel.set_strength(Fault::store_unheard, always);
  const auto unheard = append(world, {placed()});
  ASSERT_FALSE(unheard);
  EXPECT_EQ(unheard.error().code, Errc::outcome_unknown);
  EXPECT_EQ(seen(world, Sometimes::commit_unknown), 1U);

  world.kernel.lift_faults();
  const auto again = append(world, {placed()});
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<Appended>(again->front()).first, Position{1});
  EXPECT_THAT(world.store.data().shards[0].log, SizeIs(3));
  EXPECT_EQ(seen(world, Sometimes::own_turn_recognised), 1U);
}

TEST(UnitSimStore, ABrokenConnectionLeavesAllOrNothing) {
  std::set<std::size_t> left;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SimWorld world({.shards = 1}, seed);
    world.kernel.set_strength(Fault::store_lost, always);
    const auto lost = append(world, {placed()});
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, Errc::outcome_unknown);
    EXPECT_TRUE(is_whole(world.store.data())) << "seed " << seed;
    EXPECT_EQ(world.store.transactions_under_way(), 0U);
    left.insert(world.store.data().shards[0].log.size());
  }
  EXPECT_EQ(left, (std::set<std::size_t>{0, 3}));
}

TEST(UnitSimStore, UnavailableMeansSurelyNotDone) {
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SimWorld world({.shards = 1}, seed);
    world.kernel.set_strength(Fault::store_unavailable, always);
    const auto answer = append(world, {placed()});
    EXPECT_TRUE(is_whole(world.store.data()));
    EXPECT_EQ(world.store.data().shards[0].log.empty(), !answer);
    if (answer) continue;
    ++refused;
    EXPECT_EQ(answer.error().code, Errc::unavailable);
  }
  EXPECT_GT(refused, 10);
}

TEST(UnitSimStore, AReadThatIsNotHeardIsUnavailable) {
  SimWorld world({.shards = 1});
  world.kernel.set_strength(Fault::store_lost, always);
  const auto read = world.run(world.at_node.read_shard(ShardId{}, Position{}, 10, world.soon()));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::unavailable);
}

TEST(UnitSimStore, NobodyWaitsBeyondTheDeadline) {
  SimWorld world({.shards = 1});
  world.kernel.set_strength(Fault::store_lost, always);
  const auto deadline = world.kernel.scheduler.now() + std::chrono::seconds(2);
  world.run(world.at_node.append({placed()}, {deadline}));
  EXPECT_LE(world.kernel.scheduler.now(), deadline + std::chrono::seconds(1));
}

TEST(UnitSimStore, ARestartRollsBackWhatIsUnderWayAndKeepsWhatIsCommitted) {
  std::set<std::size_t> left;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SimWorld world({.shards = 1}, seed);
    const auto at = std::chrono::microseconds(200 * (seed % 30));
    world.kernel.scheduler.after(world.kernel.scheduler.world(), at, "test",
                                 [&] { world.store.restart(std::chrono::milliseconds(500)); });
    const auto answer = append(world, {placed()});
    EXPECT_TRUE(is_whole(world.store.data()));
    if (answer)
      EXPECT_THAT(world.store.data().shards[0].log, SizeIs(3));
    else if (answer.error().code == Errc::unavailable)
      EXPECT_THAT(world.store.data().shards[0].log, SizeIs(0));
    else
      left.insert(world.store.data().shards[0].log.size());
  }
  // Cut off in the middle: not there, or committed unheard.
  EXPECT_EQ(left, (std::set<std::size_t>{0, 3}));
}

TEST(UnitSimStore, AFailOverKeepsWhatWasAcknowledged) {
  SimWorld world({.shards = 1});
  ASSERT_TRUE(append(world, {placed()}));
  const Uuid before = world.store.info().generation;
  world.store.fail_over(std::chrono::milliseconds(1));
  EXPECT_NE(world.store.info().generation, before);
  EXPECT_THAT(world.store.data().shards[0].log, SizeIs(3));
}

TEST(UnitSimStore, WhereTheStandbyMayLagAFailOverDropsTheTailWhole) {
  std::set<std::size_t> left;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SimWorld world({.shards = 1, .standby_may_lag = true}, seed);
    ASSERT_TRUE(append(world, {placed()}));
    world.let_pass(std::chrono::seconds(1));
    ASSERT_TRUE(append(world, {charge(2, OrderIds(1)), place(3, OrderIds(3)).key(3)}));
    const auto taken = world.run(world.at_node.take_over(ShardId{}, "node-a", {}, world.soon()));
    ASSERT_TRUE(taken &&
                world.run(world.at_node.move_cursor("feed", ShardId{}, taken->epoch, Position{9}, world.soon())));
    world.store.fail_over(std::chrono::milliseconds(1));
    const sim::StoreData& data = world.store.data();
    const std::size_t events = data.shards[0].log.size();
    left.insert(events);
    EXPECT_EQ(data.orders.at(OrderIds(1).order.value).row.status,
              events == 9 ? OrderStatus::paid : OrderStatus::pending);
    EXPECT_EQ(data.keys.size(), events == 9 ? 3U : 2U);
    EXPECT_EQ(data.streams.size(), events == 9 ? 6U : 3U);
    if (events == 3) EXPECT_EQ(data.shards[0].epoch, Epoch{0});
    if (data.shards[0].epoch == Epoch{0}) EXPECT_TRUE(data.cursors.empty());
  }
  EXPECT_EQ(left, (std::set<std::size_t>{3, 9}));
}

TEST(UnitSimStore, WaitsForAnUncommittedClaimAndLosesItToTheCommit) {
  sim::Database database;
  database.data.shards.resize(1);
  const auto first = append_of(place(1, OrderIds(1)).claim(1));
  const auto second = append_of(place(2, OrderIds(2)).claim(1));
  ASSERT_EQ(run(*first, database), Transaction::Progress::ready);
  EXPECT_EQ(run(*second, database), Transaction::Progress::waiting);
  first->commit(database, nullptr);
  database.locks.release_all(*first, database.woken);
  EXPECT_THAT(database.woken, testing::ElementsAre(second.get()));
  ASSERT_EQ(run(*second, database), Transaction::Progress::ready);
  EXPECT_EQ(std::get<Claimed>(second->outcomes().front()).holder, stream_of(OrderIds(1).order));
  EXPECT_EQ(second->counts().lost_after_wait, 1);
}

TEST(UnitSimStore, WaitsForAnUncommittedClaimAndHasItAfterTheRollback) {
  sim::Database database;
  database.data.shards.resize(1);
  const auto first = append_of(place(1, OrderIds(1)).claim(1));
  const auto second = append_of(place(2, OrderIds(2)).claim(1));
  first->step(database);
  EXPECT_EQ(run(*second, database), Transaction::Progress::waiting);
  database.locks.release_all(*first, database.woken);
  ASSERT_EQ(run(*second, database), Transaction::Progress::ready);
  EXPECT_TRUE(std::holds_alternative<Appended>(second->outcomes().front()));
}

TEST(UnitSimStore, ATakeOverWaitsForTheAppendUnderWayAndSeesItsSaga) {
  sim::Database database;
  database.data.shards.resize(1);
  const auto append = append_of(place(1, OrderIds(1)).epoch(0));
  sim::TakeOverTransaction take_over(ShardId{}, "node-b", Epoch{0});
  ASSERT_EQ(run(*append, database), Transaction::Progress::ready);
  EXPECT_EQ(run(take_over, database), Transaction::Progress::waiting);
  append->commit(database, nullptr);
  database.locks.release_all(*append, database.woken);
  ASSERT_EQ(run(take_over, database), Transaction::Progress::ready);
  EXPECT_EQ(take_over.answer()->last, Position{3});
  EXPECT_THAT(take_over.answer()->live, SizeIs(1));
}

TEST(UnitSimStore, AnAppendThatWaitedForATakeOverIsFenced) {
  sim::Database database;
  database.data.shards.resize(1);
  const auto append = append_of(place(1, OrderIds(1)).epoch(0));
  sim::TakeOverTransaction take_over(ShardId{}, "node-b", Epoch{0});
  ASSERT_EQ(run(take_over, database), Transaction::Progress::ready);
  EXPECT_EQ(run(*append, database), Transaction::Progress::waiting);
  take_over.commit(database, nullptr);
  database.locks.release_all(take_over, database.woken);
  ASSERT_EQ(run(*append, database), Transaction::Progress::ready);
  EXPECT_EQ(std::get<Fenced>(append->outcomes().front()).current, Epoch{1});
}

TEST(UnitSimStore, GivesUpALockThatDoesNotComeInTime) {
  SimWorld world({.shards = 1,
                  .commit_min = std::chrono::seconds(2),
                  .commit_max = std::chrono::seconds(2),
                  .lock_timeout = std::chrono::milliseconds(100)});
  std::vector<sim::TransactionEnd> ends;
  const auto note = [&](sim::TransactionEnd end) { ends.push_back(end); };
  world.store.begin(append_of(place(1, OrderIds(1)).claim(1)), note);
  world.store.begin(append_of(place(2, OrderIds(2)).claim(1)), note);
  world.let_pass(std::chrono::seconds(5));
  EXPECT_THAT(ends, testing::ElementsAre(sim::TransactionEnd::failed, sim::TransactionEnd::committed));
}

TEST(UnitSimStore, ShowsEachCommitToWhoeverWatches) {
  SimWorld world({.shards = 1});
  std::vector<Position> firsts;
  world.store.on_commit = [&](const sim::StoreCommit& commit) {
    for (const auto& passed : commit.turns) firsts.push_back(passed.appended.first);
  };
  ASSERT_TRUE(append(world, {place(1, OrderIds(1)), place(2, OrderIds(1)), place(3, OrderIds(3))}));
  EXPECT_THAT(firsts, testing::ElementsAre(Position{1}, Position{4}));
}

TEST(UnitSimStore, ATransactionOfANodeThatDiedGoesOn) {
  SimWorld world({.shards = 1});
  std::optional<Result<std::vector<TurnOutcome>>> answer;
  const std::vector<Turn> batch{placed()};
  boost::asio::co_spawn(
      world.kernel.executor(*world.node),
      [&]() -> Task<void> { answer.emplace(co_await world.at_node.append(batch, world.soon())); },
      [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
      });
  while (world.store.transactions_under_way() == 0) world.let_pass(std::chrono::microseconds(10));
  world.node->cut();
  world.let_pass(std::chrono::seconds(1));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code, Errc::outcome_unknown);
  EXPECT_THAT(world.store.data().shards[0].log, SizeIs(3));
}

TEST(UnitSimStore, OneSeedGivesOneRun) {
  const auto hash_of = [](std::uint64_t seed) {
    SimWorld world({.shards = 1}, seed);
    for (const Fault fault : {Fault::store_unavailable, Fault::store_lost, Fault::store_unheard, Fault::store_slow}) {
      world.kernel.set_strength(fault, 150);
    }
    for (std::uint64_t n = 1; n <= 20; ++n) (void)append(world, {place(n, OrderIds(n)).claim(n % 3)});
    return std::pair(world.kernel.trace.hash(), world.store.data().shards[0].log.size());
  };
  EXPECT_EQ(hash_of(7), hash_of(7));
  EXPECT_NE(hash_of(7).first, hash_of(8).first);
}

}  // namespace
}  // namespace edda::test
