#include "copy/copy.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "crypto/secret_random.hpp"
#include "postgres/key_sink.hpp"
#include "postgres/log_check.hpp"
#include "postgres/migrations.hpp"
#include "postgres/owners.hpp"
#include "postgres/store.hpp"
#include "postgres/users.hpp"
#include "postgres/view_rebuild.hpp"
#include "sqlite/key_source.hpp"
#include "sqlite/store.hpp"
#include "sqlite/users.hpp"
#include "system/clock.hpp"
#include "system/json_log.hpp"
#include "system/random.hpp"

namespace edda::copy {
namespace {

namespace asio = boost::asio;

// What the nodes of a store sign tokens with.
const std::vector<std::string> secrets{"jwt_access", "jwt_refresh"};

Result<std::filesystem::path> folder_of(const std::string& from) {
  std::filesystem::path folder(from);
  if (folder.filename() == "edda.sqlite3") folder = folder.parent_path();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(folder / "edda.sqlite3", ignored)) {
    return fail(Errc::not_found, "There is no edda.sqlite3 in the folder.", "--from");
  }
  return folder.empty() ? std::filesystem::path(".") : folder;
}

/// An event loop on a thread of its own.
class Loop {
 public:
  Loop() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
  ~Loop() {
    work_.reset();
    thread_.join();
  }
  Loop(const Loop&) = delete;
  asio::any_io_executor executor() { return context_.get_executor(); }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

struct Source {
  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<sqlite::SqliteStore> store;

  static Result<Source> open(const std::string& from) {
    TRY(const auto folder, folder_of(from));
    Source source;
    TRY(source.database, sqlite::Database::open({.folder = folder}));
    TRY(source.store, sqlite::SqliteStore::open(*source.database, {}));
    return source;
  }
};

Task<Result<maintenance::CopyReport>> copy_into(Source& source, postgres::Pool& pool, std::uint16_t shards,
                                                maintenance::CopyProgress progress) {
  system::SystemClock clock;
  system::SystemRandom random;
  crypto::SodiumRandom secret_random;
  // However large the store: whoever has waited enough stops it, and starts it again when he likes.
  const Deadline deadline = clock.deadline_in(std::chrono::hours(24 * 7));
  CO_TRY_VOID(co_await postgres::migrate(pool, deadline));
  CO_TRY(const auto target, co_await postgres::PostgresStore::open(
                                pool, {.shards = shards, .generation = random.uuid_v7(clock.now())}, deadline));
  sqlite::SqliteUserStore source_users(*source.database);
  sqlite::SqliteKeySource source_keys(*source.database);
  postgres::PostgresUserStore users(pool);
  postgres::PostgresKeySink keys(pool);
  postgres::PostgresOwners owners(pool);
  postgres::PostgresViewRebuild rebuild(pool);
  postgres::PostgresStoreCheck check(pool);
  co_return co_await maintenance::copy_store({*source.store, *source.store, source_users, source_keys},
                                             {*target, users, keys, owners, rebuild, check}, secrets, secret_random,
                                             clock.now(), std::move(progress), deadline);
}

}  // namespace

Result<maintenance::CopyReport> copy_folder(const Options& options, maintenance::CopyProgress progress) {
  TRY(Source source, Source::open(options.from));
  system::SystemClock clock;
  system::JsonLog log(stderr, LogLevel::error, "copy", clock);
  Loop loop;
  postgres::PoolOptions pool_options;
  pool_options.connect.address = options.to;
  pool_options.connect.application_name = "edda copy";
  postgres::Pool pool(loop.executor(), pool_options, log);
  auto report =
      asio::co_spawn(loop.executor(), copy_into(source, pool, options.shards, std::move(progress)), asio::use_future).get();
  pool.close();
  return report;
}

}  // namespace edda::copy
