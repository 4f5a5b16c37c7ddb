#include "contract/event_store_contract.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <variant>

#include "base/digest.hpp"

namespace edda::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

template <class Outcome>
const Outcome* as(const TurnOutcome& outcome) {
  const auto* found = std::get_if<Outcome>(&outcome);
  EXPECT_NE(found, nullptr) << to_text(outcome);
  return found;
}

#define ASSERT_OUTCOME(Outcome, name, expression) \
  const TurnOutcome name##_any = (expression);    \
  const auto* name = as<Outcome>(name##_any);     \
  ASSERT_NE(name, nullptr)

TEST_P(ContractEventStore, StoresATurnWhole) {
  const OrderIds ids(1);
  ASSERT_OUTCOME(Appended, stored, append_one(place(1, ids)));
  EXPECT_EQ(stored->first, Position{1});
  EXPECT_EQ(stored->at, at_second(1));

  const auto events = whole_log();
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[0].type, "OrderCreated");
  EXPECT_EQ(events[0].stream, stream_of(ids.order));
  EXPECT_EQ(events[0].version, StreamVersion{1});
  EXPECT_EQ(events[0].data, order_created(ids));
  EXPECT_EQ(events[0].node, "node-a");
  EXPECT_EQ(events[0].turn, id_of<TurnId>(1, 5));
  EXPECT_EQ(events[0].causation, std::nullopt);
  EXPECT_EQ(events[2].position, Position{3});
}

TEST_P(ContractEventStore, KeepsCausationAndCorrelation) {
  const OrderIds ids(1);
  Turn turn = place(1, ids);
  turn.correlation = ids.order;
  turn.causation = id_of<TurnId>(77, 5);
  append_one(turn);
  const auto event = whole_log().front();
  EXPECT_EQ(event.correlation, ids.order);
  EXPECT_EQ(event.causation, id_of<TurnId>(77, 5));
}

TEST_P(ContractEventStore, RecognisesItsOwnTurnAfterALostAnswer) {
  const std::vector<Turn> batch = {place(1, OrderIds(1)).key(1).claim(2), place(2, OrderIds(2))};
  const auto first = append(batch);
  const auto again = append(batch);
  ASSERT_THAT(again, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(to_text(again[i]), to_text(first[i]));
  EXPECT_THAT(whole_log(), SizeIs(6));
}

TEST_P(ContractEventStore, RecognisesItsOwnTurnThoughItsStreamMovedOnAndItsOwnerDid) {
  const OrderIds ids(1);
  const Turn placed = place(1, ids).key(1).epoch(0);
  const auto first = append_one(placed);
  append_one(charge(2, ids));
  await(store_->log().take_over(ShardId{}, "node-b", {}, soon()));
  EXPECT_EQ(to_text(append_one(placed)), to_text(first));
}

TEST_P(ContractEventStore, AnswersASecondUseOfAKeyWithThePlaceOfTheFirst) {
  const OrderIds ids(1);
  append_one(place(1, ids).key(1, 7));
  ASSERT_OUTCOME(Duplicate, same, append_one(place(2, OrderIds(2)).key(1, 7)));
  EXPECT_EQ(same->stream, stream_of(ids.order));
  EXPECT_EQ(same->version, StreamVersion{1});
  EXPECT_TRUE(same->same_request);
  ASSERT_OUTCOME(Duplicate, other, append_one(place(3, OrderIds(3)).key(1, 8)));
  EXPECT_FALSE(other->same_request);
  EXPECT_THAT(whole_log(), SizeIs(3));
}

TEST_P(ContractEventStore, LetsTheFirstOfTwoTurnsWithOneKeyInABatchPass) {
  const auto outcomes = append({place(1, OrderIds(1)).key(1), place(2, OrderIds(2)).key(1)});
  as<Appended>(outcomes[0]);
  const auto* duplicate = as<Duplicate>(outcomes[1]);
  ASSERT_NE(duplicate, nullptr);
  EXPECT_EQ(duplicate->stream, stream_of(OrderIds(1).order));
}

TEST_P(ContractEventStore, DoesNotKeepTheKeyOfATurnThatDidNotPass) {
  append_one(place(1, OrderIds(1)));
  as<Conflict>(append_one(place(2, OrderIds(1)).key(5).claim(6)));
  EXPECT_EQ(*await(store_->log().find_key(digest_of(5), soon())), std::nullopt);
  EXPECT_EQ(*await(store_->log().find_key(digest_of(6), soon())), std::nullopt);
  as<Appended>(append_one(place(3, OrderIds(3)).key(5).claim(6)));
}

TEST_P(ContractEventStore, FindsKeysAndClaims) {
  append_one(place(1, OrderIds(1)).key(1, 0xFFFFFFFFFFFFFFFEULL).claim(2));
  const auto key = await(store_->log().find_key(digest_of(1), soon()));
  ASSERT_TRUE(key && *key);
  EXPECT_EQ((*key)->stream, stream_of(OrderIds(1).order));
  EXPECT_EQ((*key)->version, StreamVersion{1});
  EXPECT_EQ((*key)->fingerprint, 0xFFFFFFFFFFFFFFFEULL);
  const auto claim = await(store_->log().find_key(digest_of(2), soon()));
  ASSERT_TRUE(claim && *claim);
  EXPECT_EQ((*claim)->version, StreamVersion{0});
}

TEST_P(ContractEventStore, SaysWhichVersionAMovedStreamHas) {
  append_one(place(1, OrderIds(1)));
  append_one(charge(2, OrderIds(1)));
  ASSERT_OUTCOME(Conflict, conflict, append_one(charge(3, OrderIds(1))));
  EXPECT_EQ(conflict->stream, stream_of(OrderIds(1).order));
  EXPECT_EQ(conflict->actual, StreamVersion{2});
}

TEST_P(ContractEventStore, ChecksVersionsOfStreamsThatWereOnlyRead) {
  append_one(place(1, OrderIds(1)));
  TurnBuilder turn(2);
  turn.expects(stream_of(OrderIds(2).order), 0).expects(stream_of(OrderIds(1).order), 0);
  turn.event(stream_of(OrderIds(2).order), "OrderCreated", order_created(OrderIds(2)));
  ASSERT_OUTCOME(Conflict, conflict, append_one(turn));
  EXPECT_EQ(conflict->stream, stream_of(OrderIds(1).order));
}

TEST_P(ContractEventStore, AnswersEachTurnOfAMixedBatchOnItsOwn) {
  append_one(place(1, OrderIds(1)).key(1).claim(2));
  const auto outcomes = append({place(2, OrderIds(2)), place(3, OrderIds(3)).key(1), place(4, OrderIds(1)),
                                place(5, OrderIds(5)).claim(2), place(6, OrderIds(6)).epoch(9), place(7, OrderIds(7))});
  ASSERT_THAT(outcomes, SizeIs(6));
  as<Appended>(outcomes[0]);
  as<Duplicate>(outcomes[1]);
  as<Conflict>(outcomes[2]);
  as<Claimed>(outcomes[3]);
  as<Fenced>(outcomes[4]);
  const auto* last = as<Appended>(outcomes[5]);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->first, Position{7});
  EXPECT_THAT(whole_log(), SizeIs(9));
}

TEST_P(ContractEventStore, WritesOneStreamTwiceInABatch) {
  const Turn placed = place(1, OrderIds(1));
  const auto outcomes = append({placed, charge(2, OrderIds(1)).after(placed), charge(3, OrderIds(1))});
  as<Appended>(outcomes[0]);
  as<Appended>(outcomes[1]);
  as<Conflict>(outcomes[2]);
  EXPECT_THAT(whole_log(), SizeIs(6));
  const auto order = await(store_->views().find_order(OrderIds(1).order, soon()));
  ASSERT_TRUE(order && *order);
  EXPECT_EQ((*order)->row.status, OrderStatus::paid);
  EXPECT_EQ((*order)->created_at, at_second(1));
  EXPECT_EQ((*order)->updated_at, at_second(2));
}

TEST_P(ContractEventStore, RefusesATurnFoldedOverOneThatDidNotPass) {
  append_one(place(1, OrderIds(1)).claim(1));
  const Turn loser = place(2, OrderIds(2)).claim(1);
  TurnBuilder dependent(3);
  dependent.expects(stream_of(OrderIds(3).order), 0).event(stream_of(OrderIds(3).order), "OrderCreated").after(loser);
  const auto outcomes = append({loser, dependent});
  as<Claimed>(outcomes[0]);
  as<Conflict>(outcomes[1]);
  EXPECT_THAT(whole_log(), SizeIs(3));
}

TEST_P(ContractEventStore, GivesAClaimToOneStreamOnly) {
  append_one(place(1, OrderIds(1)).claim(1));
  ASSERT_OUTCOME(Claimed, claimed, append_one(place(2, OrderIds(2)).claim(1)));
  EXPECT_EQ(claimed->key, digest_of(1));
  EXPECT_EQ(claimed->holder, stream_of(OrderIds(1).order));
}

TEST_P(ContractEventStore, LetsAStreamClaimAgainWhatItHolds) {
  append_one(place(1, OrderIds(1)).claim(1));
  TurnBuilder again(2);
  again.expects(stream_of(OrderIds(1).order), 1).event(stream_of(OrderIds(1).order), "OrderConfirmed").claim(1);
  as<Appended>(append_one(again));
}

TEST_P(ContractEventStore, TellsTheLoserOfAClaimInOneBatchWhoHoldsIt) {
  const auto outcomes = append({place(1, OrderIds(1)).claim(1), place(2, OrderIds(2)).claim(1)});
  as<Appended>(outcomes[0]);
  const auto* claimed = as<Claimed>(outcomes[1]);
  ASSERT_NE(claimed, nullptr);
  EXPECT_EQ(claimed->holder, stream_of(OrderIds(1).order));
}

TEST_P(ContractEventStore, NeverSaysClaimedWhenTheWinnerDidNotPass) {
  append_one(place(1, OrderIds(1)));
  const auto outcomes = append({place(2, OrderIds(1)).claim(1), place(3, OrderIds(3)).claim(1)});
  as<Conflict>(outcomes[0]);
  // A store may let the second pass, or have it decided again; nobody holds the key.
  EXPECT_FALSE(std::holds_alternative<Claimed>(outcomes[1])) << to_text(outcomes[1]);
}

TEST_P(ContractEventStore, PutsDuplicateBeforeFencedBeforeConflictBeforeClaimed) {
  append_one(place(1, OrderIds(1)).key(1).claim(2));
  as<Duplicate>(append_one(place(2, OrderIds(1)).key(1).claim(2).epoch(9)));
  as<Fenced>(append_one(place(3, OrderIds(1)).claim(2).epoch(9)));
  as<Conflict>(append_one(place(4, OrderIds(1)).claim(2)));
  as<Claimed>(append_one(place(5, OrderIds(5)).claim(2)));
}

TEST_P(ContractEventStore, FencesAnOwnerWhoseEpochIsStale) {
  const auto first = await(store_->log().take_over(ShardId{}, "node-a", {}, soon()));
  const auto second = await(store_->log().take_over(ShardId{}, "node-b", {}, soon()));
  ASSERT_TRUE(first && second);
  EXPECT_GT(second->epoch, first->epoch);
  ASSERT_OUTCOME(Fenced, fenced, append_one(place(1, OrderIds(1)).epoch(first->epoch.value)));
  EXPECT_EQ(fenced->current, second->epoch);
  as<Appended>(append_one(place(2, OrderIds(2)).epoch(second->epoch.value)));
  as<Appended>(append_one(place(3, OrderIds(3))));
}

TEST_P(ContractEventStore, GivesAShardToTheFirstOfTwoThatSawTheSameEpoch) {
  const auto first = await(store_->log().take_over(ShardId{}, "node-a", {}, soon()));
  ASSERT_TRUE(first);
  ASSERT_TRUE(await(store_->log().take_over(ShardId{}, "node-b", first->epoch, soon())));
  const auto late = await(store_->log().take_over(ShardId{}, "node-c", first->epoch, soon()));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::version_conflict);
}

TEST_P(ContractEventStore, HandsANewOwnerTheLogsEndAndTheLiveSagas) {
  append({place(1, OrderIds(1)), place(2, OrderIds(2), 2), place(3, OrderIds(3), 3)});
  append_one(charge(4, OrderIds(2), 4));
  const auto taken = await(store_->log().take_over(ShardId{}, "node-a", {}, soon()));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->last, Position{12});
  ASSERT_THAT(taken->live, SizeIs(2));
  EXPECT_EQ(taken->live[0].saga, OrderIds(1).saga);
  EXPECT_EQ(taken->live[0].order, OrderIds(1).order);
  EXPECT_EQ(taken->live[1].saga, OrderIds(3).saga);
}

TEST_P(ContractEventStore, NeverLetsTimeRunBackwardsInAShard) {
  append_one(place(1, OrderIds(1), 10));
  ASSERT_OUTCOME(Appended, late, append_one(place(2, OrderIds(2), 5)));
  EXPECT_EQ(late->at, at_second(10));
  EXPECT_EQ(whole_log().back().at, at_second(10));
  const auto order = await(store_->views().find_order(OrderIds(2).order, soon()));
  ASSERT_TRUE(order && *order);
  EXPECT_EQ((*order)->created_at, at_second(10));
}

TEST_P(ContractEventStore, NumbersEachShardWithoutGaps) {
  use_shards(4);
  Turn other = place(2, OrderIds(2), 1);
  other.shard = ShardId{3};
  const auto outcomes = append({place(1, OrderIds(1), 9), other, place(3, OrderIds(3), 9)});
  const auto* in_third = as<Appended>(outcomes[1]);
  const auto* in_first = as<Appended>(outcomes[2]);
  ASSERT_TRUE(in_third != nullptr && in_first != nullptr);
  EXPECT_EQ(in_third->first, Position{1});
  EXPECT_EQ(in_third->at, at_second(1));
  EXPECT_EQ(in_first->first, Position{4});
  EXPECT_THAT(*await(store_->log().last_positions(soon())),
              ElementsAre(Position{6}, Position{0}, Position{0}, Position{3}));
  EXPECT_THAT(whole_log(ShardId{3}), SizeIs(3));
}

TEST_P(ContractEventStore, RefusesBadTextAndKeepsItsNeighbours) {
  TurnBuilder zero(2);
  zero.expects(StreamId{uuid_of(2, 1)}, 0).event(StreamId{uuid_of(2, 1)}, "OrderCreated", std::string("a\0b", 3));
  TurnBuilder broken(3);
  broken.expects(StreamId{uuid_of(3, 1)}, 0).event(StreamId{uuid_of(3, 1)}, "OrderCreated", "\xC3(");
  const auto outcomes = append({place(1, OrderIds(1)), zero, broken, place(4, OrderIds(4))});
  as<Appended>(outcomes[0]);
  as<Refused>(outcomes[1]);
  as<Refused>(outcomes[2]);
  as<Appended>(outcomes[3]);
}

TEST_P(ContractEventStore, RefusesATurnThatContradictsItself) {
  Turn gap = place(1, OrderIds(1));
  gap.events.front().version = StreamVersion{2};
  as<Refused>(append_one(gap));
  Turn row = place(2, OrderIds(2));
  row.orders.front().version = StreamVersion{2};
  as<Refused>(append_one(row));
  Turn shard = place(3, OrderIds(3));
  shard.shard = ShardId{1};
  as<Refused>(append_one(shard));
  EXPECT_THAT(whole_log(), SizeIs(0));
}

TEST_P(ContractEventStore, ReadsAStreamFromAVersionOn) {
  append_one(place(1, OrderIds(1)));
  append_one(charge(2, OrderIds(1)));
  const StreamId stream = stream_of(OrderIds(1).order);
  const auto all = *await(store_->log().read_stream(stream, StreamVersion{0}, 10, soon()));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[1].type, "OrderConfirmed");
  EXPECT_EQ(all[1].position, Position{5});
  EXPECT_THAT(*await(store_->log().read_stream(stream, StreamVersion{0}, 1, soon())), SizeIs(1));
  EXPECT_THAT(*await(store_->log().read_stream(stream, StreamVersion{1}, 10, soon())), SizeIs(1));
  EXPECT_THAT(*await(store_->log().read_stream(StreamId{uuid_of(99)}, StreamVersion{0}, 10, soon())), SizeIs(0));
}

TEST_P(ContractEventStore, ReadsAShardForwardsAndBackwards) {
  append({place(1, OrderIds(1)), place(2, OrderIds(2))});
  const auto forwards = *await(store_->log().read_shard(ShardId{}, Position{2}, 3, soon()));
  ASSERT_THAT(forwards, SizeIs(3));
  EXPECT_EQ(forwards.front().position, Position{3});

  const auto newest = *await(store_->log().read_shard_backwards(ShardId{}, Position{1'000'000}, {}, 2, 100, soon()));
  ASSERT_THAT(newest.events, SizeIs(2));
  EXPECT_EQ(newest.events.front().position, Position{6});
  EXPECT_EQ(newest.scanned_to, Position{5});

  const auto typed =
      *await(store_->log().read_shard_backwards(ShardId{}, Position{7}, std::string("OrderCreated"), 5, 4, soon()));
  ASSERT_THAT(typed.events, SizeIs(1));
  EXPECT_EQ(typed.events.front().position, Position{4});
  EXPECT_EQ(typed.scanned_to, Position{3});
}

TEST_P(ContractStoreUpkeep, ChecksItsLogAndFindsNothingWrong) {
  append({place(1, OrderIds(1)).key(1).claim(2), place(2, OrderIds(2)), charge(3, OrderIds(1))});
  const auto found = await(store_->check().check_log(soon()));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->findings, SizeIs(0));
  EXPECT_EQ(found->events, 9);
  EXPECT_EQ(found->streams, 6);
  EXPECT_EQ(found->keys, 2);
}

TEST_P(ContractStoreUpkeep, RebuildsTheViewsItHas) {
  append({place(1, OrderIds(1)), place(2, OrderIds(2), 2), charge(3, OrderIds(1), 3)});
  std::int64_t told = 0;
  for (const bool compare_only : {true, false, true}) {
    const auto report = await(store_->rebuild().rebuild_views(
        fold_rows, compare_only, [&](std::int64_t streams) { told = streams; }, soon()));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->streams, 6);
    EXPECT_EQ(report->events, 9);
    EXPECT_EQ(report->rows_changed, 0);
    EXPECT_THAT(report->differences, SizeIs(0));
    EXPECT_EQ(told, 6);
  }
}

TEST_P(ContractStoreUpkeep, RebuildsWhatTheLogSays) {
  append({place(1, OrderIds(1)), place(2, OrderIds(2), 2), charge(3, OrderIds(1), 3)});
  // This fold says otherwise than the rows that were appended.
  const StreamFold cancelled = [](const std::vector<RecordedEvent>& stream) -> Result<StreamRows> {
    auto rows = fold_rows(stream);
    for (OrderRow& row : rows->orders) row.status = OrderStatus::cancelled;
    if (!rows->sagas.empty()) rows->sagas.clear();
    return rows;
  };
  const auto compared = await(store_->rebuild().rebuild_views(cancelled, true, {}, soon()));
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_EQ(compared->rows_changed, 4);
  EXPECT_THAT(compared->differences,
              testing::Contains(fmt::format("order_view {}: status differ", to_string(OrderIds(1).order))));
  EXPECT_THAT(compared->differences,
              testing::Contains(fmt::format("saga_view {}: has no events", to_string(OrderIds(1).saga))));
  EXPECT_EQ(await(store_->views().totals(soon()))->orders.at(OrderStatus::paid), 1);

  ASSERT_TRUE(await(store_->rebuild().rebuild_views(cancelled, false, {}, soon())));
  const auto totals = await(store_->views().totals(soon()));
  EXPECT_THAT(totals->orders, ElementsAre(std::pair(OrderStatus::cancelled, 2)));
  EXPECT_THAT(totals->sagas, SizeIs(0));
  const auto order = await(store_->views().find_order(OrderIds(1).order, soon()));
  EXPECT_EQ((*order)->row.status, OrderStatus::cancelled);
  EXPECT_EQ(await(store_->rebuild().rebuild_views(cancelled, true, {}, soon()))->rows_changed, 0);
}

}  // namespace

std::string to_text(const TurnOutcome& outcome) {
  if (const auto* a = std::get_if<Appended>(&outcome))
    return fmt::format("appended {} at {}", a->first.value, to_micros(a->at));
  if (const auto* d = std::get_if<Duplicate>(&outcome)) {
    return fmt::format("duplicate {} {} same {}", to_string(d->stream), d->version.value, d->same_request);
  }
  if (const auto* c = std::get_if<Conflict>(&outcome))
    return fmt::format("conflict {} {}", to_string(c->stream), c->actual.value);
  if (const auto* c = std::get_if<Claimed>(&outcome))
    return fmt::format("claimed {} by {}", to_hex(c->key), to_string(c->holder));
  if (const auto* f = std::get_if<Fenced>(&outcome)) return fmt::format("fenced {}", f->current.value);
  const auto& refused = std::get<Refused>(outcome);
  return fmt::format("refused {}: {}", to_string(refused.error.code), refused.error.message);
}

}  // namespace edda::test
