#include "contract/sim_under_test.hpp"

namespace edda::test {
namespace {

const auto sim_stores =
    testing::Values(StoreAdapter{"sim", [](std::uint16_t shards) { return std::make_unique<SimUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Sim, ContractEventStore, sim_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Sim, ContractReadModels, sim_stores, adapter_name);

}  // namespace
}  // namespace edda::test
