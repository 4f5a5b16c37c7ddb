#include "wiring/storage_sqlite.hpp"

#include "sqlite/backup.hpp"
#include "sqlite/owners.hpp"
#include "sqlite/sole_owner.hpp"
#include "sqlite/store.hpp"
#include "sqlite/users.hpp"
#include "wiring/lane_thread.hpp"

namespace edda::wiring {
namespace {

/// The lane's thread decides and commits, inline.
struct SqliteParts {
  SqliteParts(std::unique_ptr<sqlite::Database> opened, std::unique_ptr<sqlite::SqliteStore> the_store, Clock& clock)
      : database(std::move(opened)), store(std::move(the_store)), users(*database), owners(*database, clock), owner(*database, clock) {}

  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<sqlite::SqliteStore> store;
  sqlite::SqliteUserStore users;
  sqlite::SqliteOwners owners;
  sqlite::SoleOwner owner;
  LaneThread thread;
};

sqlite::DatabaseOptions database_options(const config::Config& config) {
  sqlite::DatabaseOptions options;
  options.folder = config.server.data;
  options.writer_cache_kib = static_cast<std::int64_t>(config.sqlite.writer_cache_kib);
  options.reader_cache_kib = static_cast<std::int64_t>(config.sqlite.reader_cache_kib);
  options.reader_threads = config.sqlite.reader_threads;
  options.checkpoint_pages = static_cast<std::int64_t>(config.sqlite.checkpoint_pages);
  return options;
}

}  // namespace

Result<Storage> open_sqlite(Foundation& base) {
  TRY(auto database, sqlite::Database::open(database_options(base.config())));
  const Uuid generation = base.options.serve ? base.random.uuid_v7(base.clock.now()) : Uuid{};
  TRY(auto store, sqlite::SqliteStore::open(*database, {.shards = 1, .generation = generation}));
  auto parts = std::make_shared<SqliteParts>(std::move(database), std::move(store), base.clock);
  return Storage{.events = *parts->store,
                 .views = *parts->store,
                 .users = parts->users,
                 .rebuild = *parts->store,
                 .check = *parts->store,
                 .cursors = parts->owners,
                 .ownership = parts->owner,
                 .level = *parts->store,
                 .lanes = parts->thread.executor(),
                 .copy_store = std::bind_front(&sqlite::back_up, std::ref(*parts->database)),
                 .behind = parts};
}

}  // namespace edda::wiring
