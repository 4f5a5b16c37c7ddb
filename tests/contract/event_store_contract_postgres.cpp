#include "contract/postgres_store_under_test.hpp"

namespace edda::test {
namespace {

const auto postgres_stores = testing::Values(
    StoreAdapter{"postgres", [](std::uint16_t shards) { return std::make_unique<PostgresUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Postgres, ContractEventStore, postgres_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractStoreUpkeep, postgres_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractReadModels, postgres_stores, adapter_name);

}  // namespace
}  // namespace edda::test
