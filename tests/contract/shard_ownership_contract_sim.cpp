#include "contract/shard_ownership_contract.hpp"
#include "contract/sim_under_test.hpp"

namespace edda {
namespace {

struct SimHolder final : OwnersHolder {
  test::DrivenSimStore store{3};

  EventStore& log() override { return store; }
  Cursors& cursors() override { return store; }
  ShardOwnership& owners() override { return store; }
  void let_pass(std::chrono::milliseconds time) override { store.let_pass(time); }
};

const auto sim_store = testing::Values(OwnersFactory{"sim", [] { return std::make_unique<SimHolder>(); }});
INSTANTIATE_TEST_SUITE_P(ContractSim, ContractCursors, sim_store);
INSTANTIATE_TEST_SUITE_P(ContractSim, ContractShardOwnership, sim_store);

}  // namespace
}  // namespace edda
