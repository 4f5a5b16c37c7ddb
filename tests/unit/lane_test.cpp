#include "lanes/lane.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "memory/event_store.hpp"
#include "support/forwarding_store.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "system/random.hpp"

namespace edda::lanes {
namespace {

using memory::AppendFault;
using testing_support::ManualClock;
using testing_support::run_task;
using testing_support::some_deadline;

Uuid uuid(std::uint8_t kind, std::uint8_t number) { return make_uuid_v7(ManualClock::start, {kind, number}, 0); }

struct Ids {
  explicit Ids(std::uint8_t number) : order{uuid(1, number)}, payment{uuid(2, number)}, saga{uuid(3, number)} {}
  OrderId order;
  PaymentId payment;
  SagaId saga;
};

TurnRequest place(const Ids& ids) {
  const order::Item item{"P-1", "Keyboard", order::Quantity::whole(1), Money{1999, {}}};
  TurnRequest request;
  request.order = ids.order;
  request.command =
      turn::PlaceOrder{{ids.order, UserId{uuid(4, 1)}, {item}, Money{1999, {}}, "Seoul", ids.payment, ids.saga}};
  request.fresh_saga = ids.saga;
  return request;
}
TurnRequest cancel(const Ids& ids) {
  TurnRequest request;
  request.order = ids.order;
  request.command = turn::CancelOrder{"changed my mind"};
  request.fresh_saga = SagaId{uuid(5, ids.order.value.bytes[9])};
  return request;
}
TurnRequest charged(const Ids& ids) {
  TurnRequest request;
  request.order = ids.order;
  request.command = turn::AnswerStep{ids.saga, "payment_processing", saga::Direction::forward, 1,
                                     saga::Outcome::succeeded, "", "ext_tx_1", false};
  return request;
}
CommandKey key(std::uint8_t number, std::uint64_t fingerprint = 7) {
  return CommandKey{.key = {number}, .fingerprint = fingerprint, .stream = {}, .version = {}};
}

/// What is submitted together waits together: the lane runs when all of it has been submitted.
class UnitLane : public testing::Test {
 protected:
  /// Answers in the order of the requests.
  std::vector<TurnAnswer> together(std::vector<TurnRequest> requests, LaneSettings settings = {}) {
    return together(std::move(requests), settings, some_deadline());
  }
  std::vector<TurnAnswer> together(std::vector<TurnRequest> requests, LaneSettings settings, Deadline deadline) {
    boost::asio::io_context context;
    boost::asio::io_context lane_context;
    Lane lane(lane_context.get_executor(), store, epochs, clock, random, settings,
              [this](auto turns) { announced += turns->size(); });
    std::vector<std::optional<TurnAnswer>> answers(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      boost::asio::co_spawn(
          context,
          [&, i]() -> Task<void> { answers[i] = co_await lane.submit(std::move(requests[i]), deadline); },
          [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    }
    context.poll();
    lane_context.run();
    context.restart();
    context.run();
    stats = lane.stats();
    std::vector<TurnAnswer> result;
    for (auto& answer : answers) result.push_back(std::move(*answer));
    return result;
  }
  TurnAnswer alone(TurnRequest request) { return together({std::move(request)}).front(); }

  std::size_t stored_events() { return run_task(store.read_shard(ShardId{0}, Position{0}, 1000, some_deadline()))->size(); }

  static bool committed(const TurnAnswer& answer) { return answer && std::holds_alternative<Committed>(*answer); }
  static bool replayed(const TurnAnswer& answer) { return answer && std::holds_alternative<Replay>(*answer); }
  static Errc error(const TurnAnswer& answer) { return answer ? Errc::internal : answer.error().code; }

  memory::MemoryEventStore store;
  Epochs epochs{1};
  ManualClock clock;
  system::SystemRandom random;
  LaneStats stats;
  std::size_t announced = 0;
};

TEST_F(UnitLane, StoresABatchInOneAppendAndTellsOfEachTurn) {
  const auto answers = together({place(Ids(1)), place(Ids(2)), place(Ids(3))});
  for (const auto& answer : answers) EXPECT_TRUE(committed(answer));
  EXPECT_EQ(stats.batches, 1U);
  EXPECT_EQ(stats.turns, 3U);
  EXPECT_EQ(announced, 3U);
}

TEST_F(UnitLane, AFailedAppendAnswersAllAndStoresNothing) {
  store.fail_next_append(AppendFault::unavailable);
  const auto answers = together({place(Ids(1)), place(Ids(2)), cancel(Ids(1))});
  for (const auto& answer : answers) EXPECT_EQ(error(answer), Errc::unavailable);
  EXPECT_EQ(stored_events(), 0U);
  EXPECT_EQ(announced, 0U);
  EXPECT_EQ(stats.append_failed, 1U);
  EXPECT_EQ(stats.append_unknown, 0U);
  EXPECT_TRUE(committed(alone(place(Ids(1)))));
}

TEST_F(UnitLane, MeasuresWaitsAndBatches) {
  constexpr std::array bounds{1.0, 2.0};
  metrics::Histogram wait(bounds);
  metrics::Histogram seconds(bounds);
  metrics::Histogram turns(bounds);
  together({place(Ids(1)), place(Ids(2)), cancel(Ids(99))}, {.node = "node-1", .meters = {&wait, &seconds, &turns}});
  EXPECT_EQ(wait.read().cumulative.back(), 3U) << "a refused one waited too";
  EXPECT_EQ(seconds.read().cumulative.back(), 1U);
  EXPECT_EQ(turns.read().sum, 2.0);
}

TEST_F(UnitLane, ALostAnswerIsAskedForAgainAndTheOwnTurnsRecognised) {
  for (const auto fault : {AppendFault::unknown_but_written, AppendFault::unknown_not_written}) {
    const auto number = static_cast<std::uint8_t>(fault);
    auto request = place(Ids(number));
    request.key = key(number);
    const std::size_t before = stored_events();
    store.fail_next_append(fault);
    EXPECT_TRUE(committed(alone(std::move(request)))) << int{number};
    EXPECT_EQ(stored_events(), before + 4) << "once: order, payment, saga, its request";
  }
  EXPECT_EQ(announced, 2U);
}

/// The store fails for good while the lane pauses before it sends its batch again.
class FailingWhileWeWait final : public Clock {
 public:
  explicit FailingWhileWeWait(memory::MemoryEventStore& store) : store_(store) {}
  Timestamp now() override { return clock_.now(); }
  SteadyTime steady_now() override { return clock_.steady_now(); }
  Task<void> sleep_until(SteadyTime at) override {
    if (std::exchange(first_, false)) store_.fail_next_append(AppendFault::unavailable);
    clock_.advance(at - clock_.steady_now() > microseconds(0)
                       ? std::chrono::duration_cast<microseconds>(at - clock_.steady_now())
                       : microseconds(0));
    co_return;
  }

 private:
  memory::MemoryEventStore& store_;
  ManualClock clock_;
  bool first_ = true;
};

TEST_F(UnitLane, AfterALostAnswerAFailureProvesNothing) {
  FailingWhileWeWait failing(store);
  boost::asio::io_context context;
  Lane lane(context.get_executor(), store, epochs, failing, random, {}, nullptr);
  std::optional<TurnAnswer> answer;
  store.fail_next_append(AppendFault::unknown_but_written);
  boost::asio::co_spawn(
      context, [&]() -> Task<void> { answer = co_await lane.submit(place(Ids(1)), some_deadline()); },
      [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  context.run();
  EXPECT_TRUE(committed(*answer)) << "it is stored, so 'unavailable (surely not done)' would be a lie";
  EXPECT_EQ(stored_events(), 4U);
}

/// A clock on which every wait is over at once.
class HurriedClock final : public Clock {
 public:
  Timestamp now() override { return clock_.now(); }
  SteadyTime steady_now() override { return clock_.steady_now(); }
  Task<void> sleep_until(SteadyTime at) override {
    if (at > steady_now()) clock_.advance(std::chrono::duration_cast<microseconds>(at - steady_now()));
    co_return;
  }

 private:
  ManualClock clock_;
};

/// One lane that lives on from request to request.
struct LaneAlone {
  LaneAlone(EventStore& store, Epochs& epochs, Random& random, bool others_write)
      : lane(context.get_executor(), store, epochs, clock, random, {.node = "n", .others_write = others_write}, nullptr) {}

  TurnAnswer submit(TurnRequest request) {
    std::optional<TurnAnswer> answer;
    boost::asio::co_spawn(
        context, [&]() -> Task<void> { answer = co_await lane.submit(std::move(request), some_deadline()); },
        [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    context.restart();
    context.run();
    return std::move(*answer);
  }

  boost::asio::io_context context;
  HurriedClock clock;
  Lane lane;
};

TurnRequest ship(const Ids& ids) {
  TurnRequest request;
  request.order = ids.order;
  request.command = turn::ShipOrder{};
  return request;
}

TEST_F(UnitLane, DecidesAgainAfterAConflict) {
  // Two lanes, as two nodes are: the second folded the order before the first one's turn was stored.
  ASSERT_TRUE(committed(alone(place(Ids(1)))));
  LaneAlone other(store, epochs, random, true);
  // A refused cancellation with a wrong version folds the order into this lane's cache.
  auto stale = cancel(Ids(1));
  stale.if_version = StreamVersion{99};
  EXPECT_EQ(error(other.submit(std::move(stale))), Errc::version_conflict);
  ASSERT_TRUE(committed(alone(charged(Ids(1)))));

  const auto answer = other.submit(cancel(Ids(1)));
  ASSERT_TRUE(committed(answer));
  EXPECT_EQ(other.lane.stats().conflicts, 1U);
  EXPECT_EQ(std::get<Committed>(*answer).state->payment.status, PaymentStatus::completed)
      << "decided on what is stored, not on what was cached";
}

TEST_F(UnitLane, AnswersThatStoreNothingDoNotRestOnTheCache) {
  // The first seeds of edda-sim found it: a step's answer for a saga that another node had started was taken for one that no longer matters.
  ASSERT_TRUE(committed(alone(place(Ids(1)))));
  LaneAlone other(store, epochs, random, true);
  EXPECT_EQ(error(other.submit(ship(Ids(1)))), Errc::rejected) << "not paid; now it is in this lane's cache";
  ASSERT_TRUE(committed(alone(charged(Ids(1)))));
  EXPECT_TRUE(committed(other.submit(ship(Ids(1))))) << "paid through the other node";
}

TEST_F(UnitLane, OneKeyTwiceInABatchIsOneTurn) {
  auto first = place(Ids(1));
  auto second = place(Ids(2));
  auto other = place(Ids(3));
  first.key = second.key = key(1, 7);
  other.key = key(1, 8);
  const auto answers = together({first, second, other});
  ASSERT_TRUE(committed(answers[0]));
  ASSERT_TRUE(replayed(answers[1]));
  EXPECT_EQ(std::get<Replay>(*answers[1]).stream, stream_of(Ids(1).order));
  EXPECT_EQ(error(answers[2]), Errc::already_exists);
  EXPECT_EQ(answers[2].error().reason, "idempotency_key_reused");
  EXPECT_EQ(stored_events(), 4U);
  EXPECT_EQ(announced, 1U);
}

TEST_F(UnitLane, AKeyIsReplayedAlsoWhenTheCommandIsRefusedByNow) {
  ASSERT_TRUE(committed(alone(place(Ids(1)))));
  auto request = cancel(Ids(1));
  request.key = key(9);
  ASSERT_TRUE(committed(alone(request)));
  EXPECT_TRUE(replayed(alone(request)));
  auto other = cancel(Ids(1));
  other.key = key(10);
  EXPECT_EQ(error(alone(other)), Errc::rejected);
}

TEST_F(UnitLane, AClaimNamesItsHolder) {
  auto first = place(Ids(1));
  auto second = place(Ids(2));
  first.claims = second.claims = {Digest128{42}};
  const auto answers = together({first, second});
  ASSERT_TRUE(committed(answers[0]));
  ASSERT_EQ(error(answers[1]), Errc::already_exists);
  EXPECT_EQ(answers[1].error().where, to_string(Ids(1).order));
}

TEST_F(UnitLane, ATurnFoldedOverOneThatFailsIsDecidedAgain) {
  auto taken = place(Ids(1));
  taken.claims = {Digest128{42}};
  ASSERT_TRUE(committed(alone(std::move(taken))));

  auto fails = place(Ids(2));
  fails.claims = {Digest128{42}};
  // The first dependent writes, the second is refused by what the first would have left.
  const auto answers = together({fails, cancel(Ids(2)), cancel(Ids(2))});
  EXPECT_EQ(error(answers[0]), Errc::already_exists);
  EXPECT_EQ(error(answers[1]), Errc::not_found);
  EXPECT_EQ(error(answers[2]), Errc::not_found);
  EXPECT_EQ(stored_events(), 4U);
}

TEST_F(UnitLane, ATurnFoldedOverOneThatPassesStandsInTheSameBatch) {
  const auto answers = together({place(Ids(1)), charged(Ids(1)), charged(Ids(1))});
  ASSERT_TRUE(committed(answers[0]));
  ASSERT_TRUE(committed(answers[1]));
  EXPECT_EQ(std::get<Committed>(*answers[1]).state->order.status, OrderStatus::paid);
  ASSERT_TRUE(committed(answers[2]));
  EXPECT_FALSE(std::get<Committed>(*answers[2]).turn) << "a doubled answer is stored nowhere";
  EXPECT_EQ(stats.batches, 1U);
}

TEST_F(UnitLane, RefusesAStaleOwner) {
  ASSERT_TRUE(committed(alone(place(Ids(1)))));
  const auto taken = run_task(store.take_over(ShardId{0}, "node-2", {}, some_deadline()));
  ASSERT_TRUE(taken);
  auto late = charged(Ids(1));
  late.epoch = Epoch{taken->epoch.value - 1};
  EXPECT_EQ(error(alone(late)), Errc::cancelled);
  EXPECT_EQ(stored_events(), 4U);
  late.epoch = taken->epoch;
  EXPECT_TRUE(committed(alone(late)));
}

TEST_F(UnitLane, TheQueueIsBounded) {
  std::vector<TurnRequest> requests;
  for (std::uint8_t i = 0; i < 10; ++i) requests.push_back(place(Ids(i)));
  const auto answers = together(std::move(requests), {.node = "n", .queue_max = 4, .batch_max = 2, .cases_max = 1});
  EXPECT_EQ(std::ranges::count_if(answers, committed), 4);
  EXPECT_EQ(std::ranges::count_if(answers, [](const auto& a) { return error(a) == Errc::overloaded; }), 6);
  EXPECT_EQ(stats.overloaded, 6U);
  EXPECT_EQ(stats.batches, 2U);
  EXPECT_EQ(stats.queued, 0U);
}

TEST_F(UnitLane, WhatWaitedTooLongIsNotDone) {
  const auto answers = together({place(Ids(1))}, {}, Deadline{clock.steady_now() - milliseconds(1)});
  EXPECT_EQ(error(answers[0]), Errc::unavailable);
  EXPECT_EQ(stored_events(), 0U);
}

TEST_F(UnitLane, StopAnswersAllThatWaitAndRefusesTheRest) {
  boost::asio::io_context context;
  Lane lane(context.get_executor(), store, epochs, clock, random, {}, nullptr);
  std::vector<TurnAnswer> answers;
  std::size_t answered_at_stop = 0;
  const auto submit = [&](std::uint8_t number) -> Task<void> {
    answers.push_back(co_await lane.submit(place(Ids(number)), some_deadline()));
  };
  const auto no_failure = [](std::exception_ptr failed) { EXPECT_FALSE(failed); };
  for (std::uint8_t i = 0; i < 5; ++i) boost::asio::co_spawn(context, submit(i), no_failure);
  boost::asio::co_spawn(
      context,
      [&]() -> Task<void> {
        co_await lane.stop();
        answered_at_stop = answers.size();
        co_await submit(99);
      },
      no_failure);
  context.run();
  EXPECT_EQ(answered_at_stop, 5U);
  EXPECT_EQ(std::ranges::count_if(answers, committed), 5);
  EXPECT_EQ(error(answers.back()), Errc::unavailable);
}

/// Counts how often a story is read, tells of each append, and can lose answers for good.
class WatchedStore final : public testing_support::ForwardingStore {
 public:
  explicit WatchedStore(EventStore& to) : ForwardingStore(to) {}
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) override {
    if (on_append) std::exchange(on_append, nullptr)();
    if (loses_answers) co_return fail(Errc::outcome_unknown, "no answer");
    co_return co_await ForwardingStore::append(batch, deadline);
  }
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    ++reads;
    return ForwardingStore::read_stream(stream, after, limit, deadline);
  }

  std::function<void()> on_append;
  bool loses_answers = false;
  int reads = 0;
};

TEST_F(UnitLane, ARefusalCountsOnceHoweverOftenItWasDecided) {
  LaneAlone node(store, epochs, random, true);
  ASSERT_TRUE(committed(node.submit(place(Ids(1)))));
  EXPECT_EQ(error(node.submit(ship(Ids(1)))), Errc::rejected);
  EXPECT_EQ(error(node.submit(ship(Ids(1)))), Errc::rejected);
  EXPECT_EQ(node.lane.stats().rejections, 2U);
}

TEST_F(UnitLane, WhereNobodyElseWritesNothingIsReadTwice) {
  WatchedStore watched(store);
  LaneAlone alone(watched, epochs, random, false);
  ASSERT_TRUE(committed(alone.submit(place(Ids(1)))));
  EXPECT_EQ(error(alone.submit(ship(Ids(1)))), Errc::rejected);
  EXPECT_EQ(watched.reads, 0) << "the lane wrote it: it knows how the order stands";
  LaneAlone one_of_many(watched, epochs, random, true);
  ASSERT_TRUE(committed(one_of_many.submit(place(Ids(2)))));
  EXPECT_EQ(error(one_of_many.submit(ship(Ids(2)))), Errc::rejected);
  EXPECT_GT(watched.reads, 0);
}

TEST_F(UnitLane, AfterALostAppendNoAnswerRestsOnTheCacheAnyMore) {
  WatchedStore watched(store);
  LaneAlone node(watched, epochs, random, false);
  ASSERT_TRUE(committed(node.submit(place(Ids(1)))));
  watched.loses_answers = true;
  EXPECT_EQ(error(node.submit(charged(Ids(1)))), Errc::outcome_unknown);
  watched.loses_answers = false;
  EXPECT_EQ(error(node.submit(ship(Ids(1)))), Errc::rejected) << "not paid; now it is in the cache again";
  ASSERT_TRUE(committed(alone(charged(Ids(1))))) << "the lost append is carried out after all";
  EXPECT_TRUE(committed(node.submit(ship(Ids(1)))));
}

TEST_F(UnitLane, AfterAFailOverItsCacheIsOfAnotherStore) {
  LaneAlone node(store, epochs, random, false);
  ASSERT_TRUE(committed(node.submit(place(Ids(1)))));
  store.fail_over(ShardId{0}, Position{0}, uuid(8, 1));
  auto other = place(Ids(1));
  std::get<turn::PlaceOrder>(other.command).order.total.minor = 777;
  ASSERT_TRUE(committed(alone(std::move(other)))) << "the same streams and versions again, with another story";
  const auto answer = node.submit(charged(Ids(1)));
  ASSERT_TRUE(committed(answer));
  EXPECT_EQ(std::get<Committed>(*answer).state->order.total.minor, 777);
}

TEST_F(UnitLane, WhatWasSentBeforeAFailOverIsNotSentAgainAfterIt) {
  WatchedStore watched(store);
  LaneAlone node(watched, epochs, random, false);
  ASSERT_TRUE(committed(node.submit(place(Ids(1)))));
  watched.loses_answers = true;
  watched.on_append = [&] {
    store.fail_over(ShardId{0}, Position{0}, uuid(8, 1));
    watched.on_append = [] { ADD_FAILURE() << "sent again"; };
  };
  EXPECT_EQ(error(node.submit(charged(Ids(1)))), Errc::outcome_unknown);
}

// R23.

TEST_F(UnitLane, DecidesWhatTheStoresFeatureLevelAllows) {
  memory::MemoryEventStore old({.shards = 1, .generation = {}, .feature_level = 1});
  LaneAlone node(old, epochs, random, true);
  ASSERT_TRUE(committed(node.submit(place(Ids(1)))));
  TurnRequest pause;
  pause.order = Ids(1).order;
  saga::Operate what;
  what.action = saga::OperatorAction::pause;
  what.reason = "test";
  pause.command = turn::OperateSaga{Ids(1).saga, what};
  const auto refused = node.submit(pause);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "feature_level_too_low");
  ASSERT_TRUE(run_task(old.raise_feature_level(2, some_deadline())));
  EXPECT_TRUE(committed(node.submit(pause)));
}

TEST_F(UnitLane, DecidesNothingForAShardIntoWhichANewerReleaseWrote) {
  memory::MemoryEventStore two({.shards = 2, .generation = {}});
  Epochs of_two(2);
  LaneAlone node(two, of_two, random, true);
  ASSERT_TRUE(committed(node.submit(place(Ids(1)))));
  Turn turn;
  turn.id = TurnId{uuid(9, 1)};
  turn.correlation = Ids(2).order;
  turn.expected = {{stream_of(Ids(2).order), {0}}};
  turn.events = {{stream_of(Ids(2).order), {1}, "OrderTeleported", "{}"}};
  const std::vector<Turn> batch{turn};
  ASSERT_TRUE(run_task(two.append(batch, some_deadline())));

  const auto met = node.submit(cancel(Ids(2)));
  EXPECT_EQ(error(met), Errc::unavailable);
  EXPECT_EQ(met.error().reason, "newer_release");
  EXPECT_TRUE(of_two.closed(ShardId{0}));
  EXPECT_EQ(error(node.submit(cancel(Ids(1)))), Errc::unavailable) << "an order of the same shard that it could read";
  EXPECT_EQ(error(node.submit(place(Ids(3)))), Errc::unavailable);
  auto elsewhere = place(Ids(4));
  elsewhere.order = OrderId{make_uuid_v7(ManualClock::start, {1, 4}, 1)};
  std::get<turn::PlaceOrder>(elsewhere.command).order.order = elsewhere.order;
  EXPECT_TRUE(committed(node.submit(std::move(elsewhere))));
}

TEST_F(UnitLane, TheQueueIsBoundedAlsoWhileABatchIsUnderWay) {
  WatchedStore watched(store);
  boost::asio::io_context context;
  boost::asio::io_context lane_context;
  Lane lane(lane_context.get_executor(), watched, epochs, clock, random, {.node = "n", .queue_max = 4, .batch_max = 2}, nullptr);
  std::vector<TurnAnswer> answers;
  const auto submit = [&](std::uint8_t number) {
    boost::asio::co_spawn(
        context, [&, number]() -> Task<void> { answers.push_back(co_await lane.submit(place(Ids(number)), some_deadline())); },
        [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    context.restart();
    context.poll();
  };
  std::size_t queued = 0;
  watched.on_append = [&] {
    for (std::uint8_t i = 4; i < 12; ++i) submit(i);
    queued = lane.stats().queued;
  };
  for (std::uint8_t i = 0; i < 4; ++i) submit(i);
  lane_context.run();
  context.restart();
  context.run();
  EXPECT_EQ(queued, 4U);
  EXPECT_EQ(std::ranges::count_if(answers, committed), 6) << "two under way, four waiting";
  EXPECT_EQ(std::ranges::count_if(answers, [](const auto& a) { return error(a) == Errc::overloaded; }), 6);
}

UserId shop() { return UserId{uuid(4, 9)}; }
TurnRequest on_product(stock::Command command, const std::string& product = "P-1") {
  TurnRequest request;
  request.product = stock::id_of(product);
  request.command = std::move(command);
  return request;
}
TurnRequest created(std::int64_t on_hand) { return on_product(stock::CreateProduct{"P-1", "Lamp", shop(), true, on_hand}); }
TurnRequest reserved(const std::string& step_key, std::int64_t quantity = 1'000) {
  auto request = on_product(stock::Reserve{step_key, Ids(1).order, quantity});
  request.key = CommandKey{stock::digest_of(step_key), 0, {}, {}};
  return request;
}
const stock::State& product_after(const TurnAnswer& answer) { return std::get<Committed>(*answer).state->product; }
const stock::Event& first_event(const TurnAnswer& answer) {
  return std::get<stock::Event>(std::get<Committed>(*answer).decision->events.front().event);
}

TEST_F(UnitLane, AHotProductsReservationsFoldOverOneAnotherInOneBatch) {
  ASSERT_TRUE(committed(alone(created(150'000))));
  std::vector<TurnRequest> requests;
  for (int i = 0; i < 200; ++i) requests.push_back(reserved("key-" + std::to_string(i)));
  const auto answers = together(std::move(requests));
  EXPECT_EQ(stats.batches, 1U);
  EXPECT_EQ(stats.conflicts, 0U);
  const auto had = std::ranges::count_if(answers, [](const auto& answer) {
    return committed(answer) && std::holds_alternative<stock::StockReserved>(first_event(answer));
  });
  EXPECT_EQ(had, 150) << "no more than there are; the others' refusals are stored too";
  EXPECT_EQ(product_after(answers.back()).available, 0);
  EXPECT_EQ(product_after(answers.back()).held, 150'000);
}

TEST_F(UnitLane, ManyDoubledReservationsInABatchFailNobodyElse) {
  ASSERT_TRUE(committed(alone(created(1'000'000))));
  std::vector<TurnRequest> first;
  for (int i = 0; i < 20; ++i) first.push_back(reserved("old-" + std::to_string(i)));
  static_cast<void>(together(std::move(first)));
  // Twenty doubles, each of which fails all that were folded over it: more than a command may be tried.
  std::vector<TurnRequest> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back(reserved("old-" + std::to_string(i)));
    requests.push_back(reserved("new-" + std::to_string(i)));
  }
  const auto answers = together(std::move(requests));
  for (std::size_t i = 0; i < answers.size(); i += 2) {
    EXPECT_TRUE(replayed(answers[i])) << i;
    EXPECT_TRUE(committed(answers[i + 1])) << i;
  }
  const auto row = run_task(store.product_row(stock::id_of("P-1"), some_deadline()));
  EXPECT_EQ((**row).held, 40'000);
}

TEST_F(UnitLane, WhatIsDecidedAgainKeepsItsOrder) {
  ASSERT_TRUE(committed(alone(created(2'000))));
  ASSERT_TRUE(committed(alone(reserved("old"))));
  // The double takes the last one, as it seems: both others are decided again.
  const auto answers = together({reserved("old"), reserved("first"), reserved("second")});
  EXPECT_TRUE(std::holds_alternative<stock::StockReserved>(first_event(answers[1])));
  EXPECT_TRUE(std::holds_alternative<stock::StockReservationDeclined>(first_event(answers[2])));
}

TEST_F(UnitLane, AReleaseSpendsTheKeyOfAReservationThatNeverCame) {
  ASSERT_TRUE(committed(alone(created(5'000))));
  ASSERT_TRUE(committed(alone(on_product(stock::Release{"k", Ids(1).order, {}}))));
  const auto late = alone(reserved("k"));
  ASSERT_TRUE(replayed(late)) << "R20: it is answered by what was stored under its key";
  const auto stored = std::get<Replay>(*late);
  const auto events = run_task(store.read_stream(stored.stream, StreamVersion{stored.version.value - 1}, 1, some_deadline()));
  EXPECT_EQ(events->front().type, "StockReservationVoided");
}

TEST_F(UnitLane, TwoReleasesOfOneReservationGiveItBackOnce) {
  ASSERT_TRUE(committed(alone(created(5'000))));
  ASSERT_TRUE(committed(alone(reserved("k", 2'000))));
  ASSERT_TRUE(committed(alone(reserved("other", 2'000))));
  auto release = on_product(stock::Release{"k", Ids(1).order, stock::StockReserved{"k", Ids(1).order, 2'000}});
  release.key = CommandKey{stock::digest_of(stock::release_key("k")), 0, {}, {}};
  const auto answers = together({release, release});
  EXPECT_TRUE(committed(answers[0]));
  EXPECT_TRUE(replayed(answers[1]));
  EXPECT_TRUE(replayed(alone(release)));
  EXPECT_EQ((**run_task(store.product_row(stock::id_of("P-1"), some_deadline()))).held, 2'000);
}

TEST_F(UnitLane, AProductIsDecidedOnWhatAnotherNodeStored) {
  ASSERT_TRUE(committed(alone(created(1'000))));
  boost::asio::io_context context;
  Lane lane(context.get_executor(), store, epochs, clock, random, {}, nullptr);
  const auto submit = [&](TurnRequest request) {
    std::optional<TurnAnswer> answer;
    boost::asio::co_spawn(
        context, [&]() -> Task<void> { answer = co_await lane.submit(std::move(request), some_deadline()); },
        [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    context.restart();
    context.run();
    return std::move(*answer);
  };
  ASSERT_TRUE(committed(submit(on_product(stock::AdjustStock{1'000, "", shop()}))));
  ASSERT_TRUE(committed(alone(reserved("k-1", 2'000)))) << "another node takes all of it";
  const auto late = submit(reserved("k-2", 1'000));
  ASSERT_TRUE(committed(late));
  EXPECT_TRUE(std::holds_alternative<stock::StockReservationDeclined>(first_event(late)));
  EXPECT_EQ(lane.stats().conflicts, 1U);
}

TEST_F(UnitLane, TheProductsVersionIsWhatACallerExpects) {
  ASSERT_TRUE(committed(alone(created(1'000))));
  auto change = on_product(stock::ChangeProduct{"Desk lamp", {}});
  change.if_version = StreamVersion{1};
  EXPECT_EQ(error(alone(change)), Errc::version_conflict);
  change.if_version = StreamVersion{2};
  EXPECT_TRUE(committed(alone(change)));
  auto absent = on_product(stock::ChangeProduct{"x", {}}, "P-2");
  EXPECT_EQ(error(alone(absent)), Errc::not_found);
  absent.if_version = StreamVersion{1};
  EXPECT_EQ(error(alone(absent)), Errc::not_found);
  EXPECT_EQ(error(alone(created(1))), Errc::rejected);
}

}  // namespace
}  // namespace edda::lanes
