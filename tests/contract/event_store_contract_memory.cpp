#include "contract/event_store_contract.hpp"
#include "memory/event_store.hpp"

namespace edda::test {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  explicit MemoryUnderTest(std::uint16_t shards) : store_({.shards = shards, .generation = uuid_of(1)}) {}
  EventStore& log() override { return store_; }
  ReadModels& views() override { return store_; }
  ViewRebuild& rebuild() override { return store_; }
  StoreCheck& check() override { return store_; }

 private:
  memory::MemoryEventStore store_;
};

const auto memory_stores = testing::Values(
    StoreAdapter{"memory", [](std::uint16_t shards) { return std::make_unique<MemoryUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Memory, ContractEventStore, memory_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Memory, ContractStoreUpkeep, memory_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Memory, ContractReadModels, memory_stores, adapter_name);

}  // namespace
}  // namespace edda::test
