#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <vector>

#include "memory/event_store.hpp"
#include "ports/event_sink.hpp"
#include "support/forwarding_store.hpp"

namespace edda {

/// A log of made-up events to publish: of each shard, positions 1..n; order, payment and saga events in turns.
class MadeUpLog final : public testing_support::ForwardingStore {
 public:
  static constexpr std::uint16_t shards = 4;
  explicit MadeUpLog(std::int64_t length) : ForwardingStore(empty_), length_(length) {}

  static RecordedEvent event(ShardId shard, Position position);
  /// Positions `first` to `last`.
  static std::vector<RecordedEvent> events(ShardId shard, std::int64_t first, std::int64_t last);

  Task<Result<Backwards>> read_shard_backwards(ShardId shard, Position before, std::optional<std::string> type, std::size_t limit,
                                               std::size_t scan_limit, Deadline deadline) override;

 private:
  memory::MemoryEventStore empty_{{.shards = shards, .generation = Uuid{{7}}}};
  const std::int64_t length_;
};

/// A sink under test, and the eyes of a consumer. The feed has MadeUpLog::shards shards.
struct EventSinkHolder {
  virtual ~EventSinkHolder() = default;
  virtual EventSink& sink() = 0;
  /// Another node, or this one after a restart.
  virtual void restart() = 0;
  /// The positions that a consumer of the shard has read from all topics, in the order of arrival within each topic.
  virtual std::vector<std::int64_t> arrived(ShardId shard) = 0;
  virtual void go_down() = 0;
  virtual void come_back() = 0;
};
struct EventSinkFactory {
  const char* name;
  std::function<std::unique_ptr<EventSinkHolder>()> make;

  friend void PrintTo(const EventSinkFactory& factory, std::ostream* out) { *out << factory.name; }
};

/// What every EventSink does. An adapter joins by INSTANTIATE_TEST_SUITE_P(ContractNAME, ContractEventSink, ...).
class ContractEventSink : public testing::TestWithParam<EventSinkFactory> {
 protected:
  void SetUp() override { holder_ = GetParam().make(); }

  Result<void> publish(std::uint16_t shard, std::int64_t first, std::int64_t last, std::chrono::milliseconds patience);
  /// As the Publisher does: again until it is acknowledged.
  void publish_at_last(std::uint16_t shard, std::int64_t first, std::int64_t last);
  /// What arrived, without the doubles.
  std::vector<std::int64_t> distinct(std::uint16_t shard);
  EventSinkHolder& holder() { return *holder_; }

  static constexpr std::chrono::milliseconds long_enough{60'000};

 private:
  std::unique_ptr<EventSinkHolder> holder_;
};

/// 1 to n.
std::vector<std::int64_t> up_to(std::int64_t n);

}  // namespace edda
