#include "contract/postgres_store_under_test.hpp"

namespace edda::test {
namespace {

const auto adapters = testing::Values(
    StoreAdapter{"postgres", [](std::uint16_t shards) { return std::make_unique<PostgresUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Postgres, ContractEventStore, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractStoreUpkeep, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractReadModels, adapters, adapter_name);

}  // namespace
}  // namespace edda::test
