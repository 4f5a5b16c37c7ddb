#include <fmt/format.h>

#include "contract/postgres_store_under_test.hpp"
#include "contract/shard_ownership_contract.hpp"
#include "postgres/owners.hpp"

namespace edda {
namespace {

/// Time passes when the test says so: the function that tells it is replaced by one that a table tells.
struct PostgresHolder final : OwnersHolder {
  test::PostgresLog store{3};
  postgres::PostgresOwners both{store.pool()};

  PostgresHolder() {
    store.database().sql(
        "CREATE TABLE edda.told_time AS SELECT clock_timestamp() AS now;"
        "CREATE OR REPLACE FUNCTION edda.store_clock() RETURNS timestamptz LANGUAGE sql VOLATILE"
        " AS 'SELECT now FROM edda.told_time'");
  }
  EventStore& log() override { return store.store(); }
  Cursors& cursors() override { return both; }
  ShardOwnership& owners() override { return both; }
  void let_pass(std::chrono::milliseconds time) override {
    store.database().sql(fmt::format("UPDATE edda.told_time SET now = now + interval '{} milliseconds'", time.count()));
  }
};

const auto postgres_store =
    testing::Values(OwnersFactory{"postgres", [] { return std::make_unique<PostgresHolder>(); }});
INSTANTIATE_TEST_SUITE_P(ContractPostgres, ContractCursors, postgres_store);
INSTANTIATE_TEST_SUITE_P(ContractPostgres, ContractShardOwnership, postgres_store);

}  // namespace
}  // namespace edda
