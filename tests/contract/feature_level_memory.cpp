#include "contract/feature_level_contract.hpp"
#include "memory/event_store.hpp"

namespace edda::test {
namespace {

class MemoryLevel final : public LevelledStore {
 public:
  explicit MemoryLevel(int level) : store_({.shards = 1, .generation = {}, .feature_level = level}) {}
  EventStore& log() override { return store_; }
  FeatureLevel& level() override { return store_; }
  void reopen() override {}

 private:
  memory::MemoryEventStore store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, ContractFeatureLevel,
                         testing::Values(LevelAdapter{"memory", [](int level) { return std::make_unique<MemoryLevel>(level); }}),
                         level_adapter_name);

}  // namespace
}  // namespace edda::test
