#include "contract/shard_ownership_contract.hpp"
#include "memory/event_store.hpp"
#include "support/manual_clock.hpp"

namespace edda {
namespace {

struct MemoryOwners final : OwnersHolder {
  testing_support::ManualClock clock;
  memory::MemoryEventStore store{{.shards = 3, .generation = {}}, &clock};

  EventStore& log() override { return store; }
  Cursors& cursors() override { return store; }
  ShardOwnership& owners() override { return store; }
  void let_pass(std::chrono::milliseconds time) override { clock.advance(time); }
};

const auto memory_store = testing::Values(OwnersFactory{"memory", [] { return std::make_unique<MemoryOwners>(); }});
INSTANTIATE_TEST_SUITE_P(ContractMemory, ContractCursors, memory_store);
INSTANTIATE_TEST_SUITE_P(ContractMemory, ContractShardOwnership, memory_store);

}  // namespace
}  // namespace edda
