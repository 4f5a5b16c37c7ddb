#include "contract/feature_level_contract.hpp"
#include "sqlite/store.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::test {
namespace {

class SqliteLevel final : public LevelledStore {
 public:
  explicit SqliteLevel(int level) : level_(level) { open().value(); }
  EventStore& log() override { return *store_; }
  FeatureLevel& level() override { return *store_; }
  void reopen() override { open().value(); }

  Result<void> open() {
    store_.reset();
    database_.reset();
    sqlite::DatabaseOptions options;
    options.folder = folder_.path();
    TRY(database_, sqlite::Database::open(std::move(options)));
    TRY(store_, sqlite::SqliteStore::open(*database_, {.shards = 1, .generation = {}, .feature_level = level_}));
    return {};
  }

 private:
  TemporaryFolder folder_;
  const int level_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<sqlite::SqliteStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, ContractFeatureLevel,
                         testing::Values(LevelAdapter{"sqlite", [](int level) { return std::make_unique<SqliteLevel>(level); }}),
                         level_adapter_name);

TEST(UnitSqliteFeatureLevel, ANodeBelowTheStoresLevelDoesNotStart) {
  TemporaryFolder folder;
  sqlite::DatabaseOptions options;
  options.folder = folder.path();
  const auto database = sqlite::Database::open(std::move(options)).value();
  const auto store = sqlite::SqliteStore::open(*database, {.shards = 1, .generation = {}, .feature_level = newest_feature_level + 1});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::invalid_argument);
  EXPECT_EQ(store.error().reason, "feature_level_too_high");
}

}  // namespace
}  // namespace edda::test
