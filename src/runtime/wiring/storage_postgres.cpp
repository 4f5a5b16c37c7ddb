#include "wiring/storage_postgres.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "postgres/addresses.hpp"
#include "postgres/log_check.hpp"
#include "postgres/log_news.hpp"
#include "postgres/migrations.hpp"
#include "postgres/owners.hpp"
#include "postgres/read_models.hpp"
#include "postgres/replaced_views.hpp"
#include "postgres/sql_error.hpp"
#include "postgres/store.hpp"
#include "postgres/users.hpp"
#include "postgres/view_rebuild.hpp"
#include "system/clock.hpp"
#include "wiring/lane_thread.hpp"

namespace edda::wiring {
namespace {

/// The lanes and the connections share a thread: what a lane decided is sent without waking another one.
struct PostgresParts {
  PostgresParts(const postgres::PoolOptions& options, const std::string& node, Log& log)
      : pool(thread.executor(), options, log), views(pool), users(pool), rebuild(pool), check(pool), owners(pool),
        news(pool, {.node = node}) {}
  ~PostgresParts() { pool.close(); }

  LaneThread thread;
  postgres::Pool pool;
  std::unique_ptr<postgres::PostgresStore> store;
  postgres::PostgresReadModels views;
  postgres::PostgresUserStore users;
  postgres::PostgresViewRebuild rebuild;
  postgres::PostgresStoreCheck check;
  postgres::PostgresOwners owners;
  postgres::PostgresLogNews news;
};

postgres::PoolOptions pool_options(const config::Config& config) {
  const auto& database = config.database;
  postgres::PoolOptions options;
  options.connect.address = postgres::conninfo(database.host, database.port, database.name, database.user, database.password.reveal());
  options.connect.address += postgres::quoted(" sslmode", database.tls);
  if (!database.ca_file.empty()) options.connect.address += postgres::quoted(" sslrootcert", database.ca_file);
  options.connect.application_name = "edda " + config.server.node_id;
  options.connections_max = database.connections_max + config.lanes.count;
  return options;
}

/// A mistake in the configuration is told by the names of the settings.
Error by_setting(Error error) {
  if (error.reason != postgres::reason_refused) return error;
  error.code = Errc::invalid_argument;
  if (error.where == "user") error.where = "database.user, database.password";
  else if (error.where == "dbname") error.where = "database.name";
  else if (error.where == "sslmode") error.where = "database.tls, database.ca_file";
  else error.where = "database.user";
  return error;
}

Task<Result<void>> open_store(Foundation& base, PostgresParts& parts) {
  CO_TRY_VOID(co_await postgres::migrate(parts.pool, base.soon()));
  CO_TRY(parts.store, co_await postgres::PostgresStore::open(
                          parts.pool, {.shards = base.config().database.shards, .generation = base.random.uuid_v7(base.clock.now())},
                          base.soon()));
  // Somebody else's reports keep no node from serving.
  if (const auto put = co_await postgres::put_replaced_views(parts.pool, base.soon()); !put)
    base.log.write(LogLevel::warn, "the views for reports could not be made: " + put.error().message, {});
  co_return Result<void>{};
}

}  // namespace

Task<Result<Storage>> open_postgres(Foundation& base) {
  auto parts = std::make_shared<PostgresParts>(pool_options(base.config()), base.config().server.node_id, base.log);
  const auto opening = [&] { return open_store(base, *parts); };
  const auto opened = base.waits_for_store() ? co_await base.patience.keep_trying(opening) : co_await opening();
  if (!opened) co_return std::unexpected(by_setting(opened.error()));
  co_return Storage{.events = *parts->store,
                    .views = parts->views,
                    .users = parts->users,
                    .rebuild = parts->rebuild,
                    .check = parts->check,
                    .cursors = parts->owners,
                    .ownership = parts->owners,
                    .level = *parts->store,
                    .lanes = parts->thread.executor(),
                    .is_shared = true,
                    .news = &parts->news,
                    .behind = parts};
}

Result<void> find_postgres(const config::Loaded& loaded) {
  system::SystemClock clock;
  boost::asio::io_context context{1};
  const auto look = [&]() -> Task<Result<void>> {
    const Deadline deadline = clock.deadline_in(std::chrono::seconds(10));
    CO_TRY(const auto connection, co_await postgres::Connection::open(pool_options(loaded.config).connect, deadline));
    co_return co_await postgres::find_schema(*connection, deadline);
  };
  auto found = boost::asio::co_spawn(context, look(), boost::asio::use_future);
  context.run();
  auto result = found.get();
  if (!result) return std::unexpected(by_setting(std::move(result).error()));
  return result;
}

}  // namespace edda::wiring
