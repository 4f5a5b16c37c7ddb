#pragma once

#include "contract/event_store_contract.hpp"
#include "contract/postgres_under_test.hpp"
#include "postgres/store.hpp"

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

}  // namespace edda::test
