#pragma once

#include "contract/event_store_contract.hpp"
#include "contract/postgres_under_test.hpp"
#include "postgres/log_check.hpp"
#include "postgres/read_models.hpp"
#include "postgres/store.hpp"
#include "postgres/view_rebuild.hpp"

namespace edda::test {

/// A PostgreSQL store in a database of its own, or in one that outlives it.
class PostgresLog {
 public:
  explicit PostgresLog(std::uint16_t shards = 1, std::shared_ptr<testing_support::PostgresDatabase> database = {},
                       std::size_t connections = 4)
      : database_(database ? std::move(database) : migrated_database()),
        pool_(database_->address(), connections),
        store_(*await(postgres::PostgresStore::open(*pool_, {.shards = shards, .generation = uuid_of(1)}, soon()))) {}

  PostgresLog(postgres::PoolOptions options, std::shared_ptr<testing_support::PostgresDatabase> database)
      : database_(std::move(database)),
        pool_(std::move(options)),
        store_(*await(postgres::PostgresStore::open(*pool_, {.shards = 1, .generation = uuid_of(1)}, soon()))) {}

  postgres::PostgresStore& store() { return *store_; }
  postgres::Pool& pool() { return *pool_; }
  const testing_support::PostgresDatabase& database() const { return *database_; }

 private:
  std::shared_ptr<testing_support::PostgresDatabase> database_;
  PostgresPool pool_;
  std::unique_ptr<postgres::PostgresStore> store_;
};

/// The same behind all the ports of a store.
class PostgresUnderTest final : public StoreUnderTest {
 public:
  explicit PostgresUnderTest(std::uint16_t shards, std::shared_ptr<testing_support::PostgresDatabase> database = {})
      : log_(shards, std::move(database)) {}
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

}  // namespace edda::test
