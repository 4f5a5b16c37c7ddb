#include "contract/feature_level_contract.hpp"
#include "memory/event_store.hpp"

namespace edda::test {
namespace {

class MemoryLevel final : public LevelledStore {
 public:
  explicit MemoryLevel(int level) : store_({.shards = 1, .generation = {}, .feature_level = level}) {}
  EventStore& log() override { return store_; }
  FeatureLevel& level() override { return store_; }
  void other_node(std::string name, int newest, std::chrono::milliseconds lease) override {
    store_.beat_as_release(std::move(name), lease, newest);
  }
  void reopen() override {}

 private:
  memory::MemoryEventStore store_;
};

const auto memory_level = testing::Values(LevelAdapter{"memory", [](int level) { return std::make_unique<MemoryLevel>(level); }});
INSTANTIATE_TEST_SUITE_P(Memory, ContractFeatureLevel, memory_level, level_adapter_name);
INSTANTIATE_TEST_SUITE_P(Memory, ContractSharedFeatureLevel, memory_level, level_adapter_name);

}  // namespace
}  // namespace edda::test
