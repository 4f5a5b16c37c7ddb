#include "contract/feature_level_contract.hpp"
#include "contract/postgres_under_test.hpp"
#include "postgres/owners.hpp"
#include "postgres/store.hpp"

namespace edda::test {
namespace {

class PostgresLevel final : public LevelledStore {
 public:
  explicit PostgresLevel(int level) : level_(level) { reopen(); }
  EventStore& log() override { return *store_; }
  FeatureLevel& level() override { return *store_; }
  void other_node(std::string name, int newest, std::chrono::milliseconds lease) override {
    postgres::PostgresOwners owners(*pool_, newest);
    EXPECT_TRUE(await(owners.beat({std::move(name)}, lease, soon())));
  }
  void reopen() override { store_ = open().value(); }

  /// Another node on the same store.
  Result<std::unique_ptr<postgres::PostgresStore>> open() {
    return await(postgres::PostgresStore::open(*pool_, {.shards = 2, .generation = {}, .feature_level = level_}, soon()));
  }
  const testing_support::PostgresDatabase& database() const { return *database_; }

 private:
  const int level_;
  const std::unique_ptr<testing_support::PostgresDatabase> database_ = migrated_database();
  PostgresPool pool_{database_->address()};
  std::unique_ptr<postgres::PostgresStore> store_;
};

const auto postgres_level =
    testing::Values(LevelAdapter{"postgres", [](int level) { return std::make_unique<PostgresLevel>(level); }});
INSTANTIATE_TEST_SUITE_P(Postgres, ContractFeatureLevel, postgres_level, level_adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractSharedFeatureLevel, postgres_level, level_adapter_name);

TEST(ContractPostgresFeatureLevel, ANodeBelowTheStoresLevelDoesNotStart) {
  PostgresLevel store(1);
  store.database().sql("UPDATE edda.store SET feature_level = 99");
  const auto opened = store.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid_argument);
  EXPECT_EQ(opened.error().reason, "feature_level_too_high");
}

TEST(ContractPostgresFeatureLevel, ANodeThatSaysNothingKnowsTheFirstTwo) {
  PostgresLevel store(1);
  store.database().sql("SET search_path = edda; SELECT * FROM beat('silent', 60000)");
  const std::vector<NodeLevel> known{{"silent", 2}};
  EXPECT_EQ(await(store.level().look_at_level(soon()))->nodes, known);
}

TEST(ContractPostgresFeatureLevel, ANodeHearsOfItAndOfAFailOverWhenItLooksAtTheLog) {
  PostgresLevel store(1);
  const auto other = store.open().value();
  ASSERT_EQ(await(store.level().raise_feature_level(2, soon())).value(), 2);
  EXPECT_EQ(other->info().feature_level, 1);
  const Uuid before = other->info().generation;
  store.database().sql("UPDATE edda.store SET generation = '00000000-0000-0000-0000-000000000007'");
  EXPECT_EQ(await(other->last_positions(soon())).value().size(), 2);
  EXPECT_EQ(other->info().feature_level, 2);
  EXPECT_NE(other->info().generation, before);
}

}  // namespace
}  // namespace edda::test
