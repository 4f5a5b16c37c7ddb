#pragma once

#include <memory>

#include "contract/event_store_contract.hpp"
#include "sqlite/store.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::test {

/// A SQLite store in a folder of its own, or in one that outlives it.
class SqliteUnderTest final : public StoreUnderTest {
 public:
  explicit SqliteUnderTest(std::uint16_t shards = 1, std::shared_ptr<TemporaryFolder> folder = {}, Uuid generation = uuid_of(1))
      : folder_(folder ? std::move(folder) : std::make_shared<TemporaryFolder>()) {
    sqlite::DatabaseOptions options;
    options.folder = folder_->path();
    database_ = *sqlite::Database::open(std::move(options));
    store_ = *sqlite::SqliteStore::open(*database_, {.shards = shards, .generation = generation});
  }
  EventStore& log() override { return *store_; }
  ReadModels& views() override { return *store_; }
  ViewRebuild& rebuild() override { return *store_; }
  StoreCheck& check() override { return *store_; }
  sqlite::Database& database() { return *database_; }

 private:
  std::shared_ptr<TemporaryFolder> folder_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<sqlite::SqliteStore> store_;
};

}  // namespace edda::test
