#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "contract/store_driver.hpp"
#include "contract/turn_builder.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "ports/store_check.hpp"
#include "ports/view_rebuild.hpp"

namespace edda::test {

/// One fresh store of an adapter, behind the ports it implements.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual EventStore& log() = 0;
  virtual ReadModels& views() = 0;
  virtual ViewRebuild& rebuild() = 0;
  virtual StoreCheck& check() = 0;
};

struct StoreAdapter {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>(std::uint16_t shards)> make;
};

/// What every event store keeps. An adapter joins with
/// INSTANTIATE_TEST_SUITE_P(Name, ContractEventStore, testing::Values(StoreAdapter{...}), adapter_name).
class ContractEventStore : public testing::TestWithParam<StoreAdapter> {
 protected:
  std::vector<TurnOutcome> append(std::vector<Turn> batch) {
    auto outcomes = await(store_->log().append(std::move(batch), soon()));
    EXPECT_TRUE(outcomes) << outcomes.error().message;
    return outcomes ? *std::move(outcomes) : std::vector<TurnOutcome>();
  }
  TurnOutcome append_one(Turn turn) {
    auto outcomes = append({std::move(turn)});
    return outcomes.empty() ? TurnOutcome{Refused{}} : outcomes.front();
  }
  std::vector<RecordedEvent> whole_log(ShardId shard = {}) {
    return *await(store_->log().read_shard(shard, Position{0}, 10'000, soon()));
  }
  /// Makes a store of another shape than the one shard of the others.
  void use_shards(std::uint16_t shards) { store_ = GetParam().make(shards); }

  std::unique_ptr<StoreUnderTest> store_ = GetParam().make(1);
};

/// What every event store that is kept in order by `edda verify` and `edda rebuild` finds and mends.
class ContractStoreUpkeep : public ContractEventStore {};

/// The ids of a page's rows, in its order.
template <class Record>
std::vector<Uuid> ids_of(const Result<ListPage<Record>>& page) {
  std::vector<Uuid> ids;
  if (page) {
    for (const Record& record : page->items) ids.push_back(record.row.id.value);
  }
  return ids;
}

/// What every read model keeps, on six orders, a second apart: 1, 3 and 5 paid, 2 cancelled, 4 and 6 pending.
/// Customers: 1 and 4; 2 and 5; 3 and 6.
class ContractReadModels : public ContractEventStore {
 protected:
  void SetUp() override {
    for (std::uint64_t n = 1; n <= 6; ++n) append({place(n, OrderIds(n), static_cast<std::int64_t>(n))});
    for (const std::uint64_t n : {1U, 3U, 5U}) append({charge(10 + n, OrderIds(n), 10)});
    TurnBuilder cancel(20, 11);
    cancel.expects(stream_of(OrderIds(2).order), 1).expects(stream_of(OrderIds(2).saga), 1);
    cancel.event(stream_of(OrderIds(2).order), "OrderCancelled").event(stream_of(OrderIds(2).saga), "SagaParked");
    append({cancel.with_rows()});
  }
  auto orders(OrderFilter filter, ListWindow window = {}) {
    return await(store_->views().list_orders(filter, window, soon()));
  }
  auto payments(PaymentFilter filter, ListWindow window = {}) {
    return await(store_->views().list_payments(filter, window, soon()));
  }
  auto sagas(SagaFilter filter, ListWindow window = {}) {
    return await(store_->views().list_sagas(filter, window, soon()));
  }
  static std::vector<Uuid> orders_of(std::initializer_list<std::uint64_t> numbers) {
    std::vector<Uuid> ids;
    for (const auto n : numbers) ids.push_back(OrderIds(n).order.value);
    return ids;
  }
};

inline std::string adapter_name(const testing::TestParamInfo<StoreAdapter>& info) { return info.param.name; }

/// An outcome in words, for comparing and for failure messages.
std::string to_text(const TurnOutcome& outcome);

}  // namespace edda::test
