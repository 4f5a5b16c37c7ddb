#include "contract/shard_ownership_contract.hpp"
#include "sqlite/owners.hpp"
#include "sqlite/store.hpp"
#include "support/manual_clock.hpp"
#include "unit/temporary_folder.hpp"

namespace edda {
namespace {

struct SqliteHolder final : OwnersHolder {
  test::TemporaryFolder folder;
  testing_support::ManualClock clock;
  std::unique_ptr<sqlite::Database> database = sqlite::Database::open({.folder = folder.path()}).value();
  std::unique_ptr<sqlite::SqliteStore> store =
      sqlite::SqliteStore::open(*database, {.shards = 3, .generation = {}}).value();
  sqlite::SqliteOwners both{*database, clock};

  EventStore& log() override { return *store; }
  Cursors& cursors() override { return both; }
  ShardOwnership& owners() override { return both; }
  void let_pass(std::chrono::milliseconds time) override { clock.advance(time); }
};

const auto sqlite_store = testing::Values(OwnersFactory{"sqlite", [] { return std::make_unique<SqliteHolder>(); }});
INSTANTIATE_TEST_SUITE_P(ContractSqlite, ContractCursors, sqlite_store);
INSTANTIATE_TEST_SUITE_P(ContractSqlite, ContractShardOwnership, sqlite_store);

}  // namespace
}  // namespace edda
