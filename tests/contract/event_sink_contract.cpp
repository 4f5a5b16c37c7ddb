#include "contract/event_sink_contract.hpp"

#include <array>
#include <numeric>
#include <set>

#include "support/run_task.hpp"

namespace edda {

using testing_support::run_task;
using std::chrono::milliseconds;

RecordedEvent MadeUpLog::event(ShardId shard, Position position) {
  constexpr std::array types{"OrderCreated", "PaymentRequested", "SagaStarted", "SagaStepRequested", "StockReserved"};
  RecordedEvent event;
  event.shard = shard;
  event.position = position;
  event.stream.value.bytes[0] = static_cast<std::uint8_t>(shard.value);
  event.version = StreamVersion{position.value};
  event.type = types[static_cast<std::size_t>(position.value - 1) % types.size()];
  event.node = "node-1";
  event.turn.value.bytes[15] = 1;
  event.correlation.value.bytes[0] = 2;
  event.data = R"({"n": 1})";
  return event;
}

std::vector<RecordedEvent> MadeUpLog::events(ShardId shard, std::int64_t first, std::int64_t last) {
  std::vector<RecordedEvent> all;
  for (std::int64_t position = first; position <= last; ++position) all.push_back(event(shard, Position{position}));
  return all;
}

Task<Result<EventStore::Backwards>> MadeUpLog::read_shard_backwards(ShardId shard, Position before, std::optional<std::string>,
                                                                    std::size_t limit, std::size_t, Deadline) {
  Backwards found;
  Position position{std::min(before.value, length_ + 1)};
  while (position.value > 1 && found.events.size() < limit) {
    --position.value;
    found.events.push_back(event(shard, position));
  }
  found.scanned_to = position;
  co_return found;
}

Result<void> ContractEventSink::publish(std::uint16_t shard, std::int64_t first, std::int64_t last, milliseconds patience) {
  const Deadline deadline{std::chrono::steady_clock::now() + patience};
  return run_task(holder().sink().publish(ShardId{shard}, MadeUpLog::events(ShardId{shard}, first, last), deadline));
}

void ContractEventSink::publish_at_last(std::uint16_t shard, std::int64_t first, std::int64_t last) {
  Result<void> published;
  const auto end = std::chrono::steady_clock::now() + long_enough;
  do {
    published = publish(shard, first, last, milliseconds(2'000));
    if (published) return;
    EXPECT_EQ(published.error().code, Errc::unavailable) << published.error().message;
  } while (std::chrono::steady_clock::now() < end);
  FAIL() << published.error().message;
}

std::vector<std::int64_t> ContractEventSink::distinct(std::uint16_t shard) {
  const auto arrived = holder().arrived(ShardId{shard});
  const std::set<std::int64_t> sorted(arrived.begin(), arrived.end());
  return {sorted.begin(), sorted.end()};
}

std::vector<std::int64_t> up_to(std::int64_t n) {
  std::vector<std::int64_t> all;
  for (std::int64_t position = 1; position <= n; ++position)
    if (MadeUpLog::event({}, Position{position}).type != "StockReserved") all.push_back(position);
  return all;
}

TEST_P(ContractEventSink, AcknowledgesWhatStandsInTheFeed) {
  ASSERT_TRUE(publish(0, 1, 10, long_enough));
  EXPECT_EQ(distinct(0), up_to(10));
  EXPECT_TRUE(distinct(1).empty());
}

TEST_P(ContractEventSink, KeepsTheShardsApart) {
  ASSERT_TRUE(publish(1, 1, 3, long_enough));
  ASSERT_TRUE(publish(3, 1, 4, long_enough));
  ASSERT_TRUE(publish(1, 4, 8, long_enough));
  EXPECT_EQ(distinct(1), up_to(8));
  EXPECT_EQ(distinct(3), up_to(4));
}

TEST_P(ContractEventSink, PublishesAgainWhatItIsAskedToAgain) {
  ASSERT_TRUE(publish(0, 1, 4, long_enough));
  ASSERT_TRUE(publish(0, 3, 8, long_enough));
  EXPECT_EQ(distinct(0), up_to(8));
}

TEST_P(ContractEventSink, SaysUnavailableWhileTheFeedIsDownAndGoesOnAfterwards) {
  ASSERT_TRUE(publish(0, 1, 4, long_enough));
  holder().go_down();
  const auto refused = publish(0, 5, 8, milliseconds(500));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  holder().come_back();
  publish_at_last(0, 5, 8);
  EXPECT_EQ(distinct(0), up_to(8));
}

TEST_P(ContractEventSink, GoesOnAsAnotherNode) {
  ASSERT_TRUE(publish(2, 1, 4, long_enough));
  holder().restart();
  ASSERT_TRUE(publish(2, 5, 9, long_enough));
  EXPECT_EQ(distinct(2), up_to(9));
}

}  // namespace edda
