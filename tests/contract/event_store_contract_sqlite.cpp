#include "contract/sqlite_under_test.hpp"

namespace edda::test {
namespace {

const auto adapters = testing::Values(
    StoreAdapter{"sqlite", [](std::uint16_t shards) { return std::make_unique<SqliteUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Sqlite, ContractEventStore, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, ContractStoreUpkeep, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, ContractReadModels, adapters, adapter_name);

}  // namespace
}  // namespace edda::test
