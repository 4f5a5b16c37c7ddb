#include "contract/postgres_store_under_test.hpp"
#include "postgres/log_check.hpp"
#include "postgres/read_models.hpp"
#include "postgres/view_rebuild.hpp"

namespace edda::test {
namespace {

class PostgresUnderTest final : public StoreUnderTest {
 public:
  explicit PostgresUnderTest(std::uint16_t shards) : log_(shards) {}
  EventStore& log() override { return log_.store(); }
  ReadModels& views() override { return views_; }
  ViewRebuild& rebuild() override { return rebuild_; }
  StoreCheck& check() override { return check_; }

 private:
  PostgresLog log_;
  postgres::PostgresReadModels views_{log_.pool()};
  postgres::PostgresViewRebuild rebuild_{log_.pool()};
  postgres::PostgresStoreCheck check_{log_.pool()};
};

const auto adapters = testing::Values(
    StoreAdapter{"postgres", [](std::uint16_t shards) { return std::make_unique<PostgresUnderTest>(shards); }});
INSTANTIATE_TEST_SUITE_P(Postgres, ContractEventStore, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractStoreUpkeep, adapters, adapter_name);
INSTANTIATE_TEST_SUITE_P(Postgres, ContractReadModels, adapters, adapter_name);

}  // namespace
}  // namespace edda::test
