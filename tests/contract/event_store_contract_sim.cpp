#include "contract/sim_under_test.hpp"

namespace edda::test {
namespace {

const auto adapters =
    testing::Values(StoreAdapter{"sim", [](std::uint16_t shards) { return std::make_unique<SimUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Sim, ContractEventStore, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Sim, ContractReadModels, adapters, adapter_name);

}  // namespace
}  // namespace edda::test
