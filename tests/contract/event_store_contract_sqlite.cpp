#include "contract/sqlite_under_test.hpp"

namespace edda::test {
namespace {

const auto sqlite_stores = testing::Values(
    StoreAdapter{"sqlite", [](std::uint16_t shards) { return std::make_unique<SqliteUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Sqlite, ContractEventStore, sqlite_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, ContractStoreUpkeep, sqlite_stores, adapter_name);
INSTANTIATE_TEST_SUITE_P(Sqlite, ContractReadModels, sqlite_stores, adapter_name);

}  // namespace
}  // namespace edda::test
