#include "import/import.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "postgres/log_check.hpp"
#include "postgres/migrations.hpp"
#include "postgres/owners.hpp"
#include "postgres/pool.hpp"
#include "postgres/read_models.hpp"
#include "postgres/replaced_system.hpp"
#include "postgres/store.hpp"
#include "postgres/users.hpp"
#include "sqlite/owners.hpp"
#include "sqlite/store.hpp"
#include "sqlite/users.hpp"
#include "system/clock.hpp"
#include "system/json_log.hpp"
#include "system/random.hpp"

namespace edda::import {
namespace {

namespace asio = boost::asio;

using Report = Result<maintenance::ImportReport>;

bool is_address(const std::string& to) {
  return to.starts_with("postgres://") || to.starts_with("postgresql://") || to.find('=') != std::string::npos;
}

class Run {
 public:
  Run(const Options& options, Currency currency, const maintenance::ImportListener& listener)
      : options_(options), currency_(currency), listener_(listener), log_(stderr, LogLevel::error, "import", clock_) {}

  Report run() {
    std::optional<Report> report;
    asio::co_spawn(
        context_, [&]() -> Task<void> { report.emplace(co_await work()); },
        [](std::exception_ptr failed) {
          if (failed) std::rethrow_exception(failed);
        });
    context_.run();
    return *std::move(report);
  }

 private:
  postgres::ConnectOptions connect(const std::string& address) const {
    postgres::ConnectOptions options;
    options.address = address;
    options.application_name = "edda import";
    return options;
  }

  Task<Report> work() {
    // Looked at first: a wrong address makes no store.
    CO_TRY(const auto system,
           co_await postgres::PostgresReplacedSystem::open(connect(options_.from), options_.time_zone, deadline_));
    CO_TRY_VOID(co_await system->read_users(std::nullopt, 1, deadline_));
    const std::string& to = options_.to.empty() ? options_.from : options_.to;
    if (!is_address(to)) co_return co_await into_folder(*system, to);
    postgres::PoolOptions pool_options;
    pool_options.connect = connect(to);
    postgres::Pool pool(context_.get_executor(), pool_options, log_);
    auto report = co_await into_database(*system, pool);
    pool.close();
    co_return report;
  }

  Task<Report> into_database(replaced::System& system, postgres::Pool& pool) {
    CO_TRY_VOID(co_await postgres::migrate(pool, deadline_));
    CO_TRY(const auto store, co_await postgres::PostgresStore::open(
                                 pool, {.shards = options_.shards, .generation = random_.uuid_v7(clock_.now())}, deadline_));
    postgres::PostgresReadModels views(pool);
    postgres::PostgresUserStore users(pool);
    postgres::PostgresOwners owners(pool);
    postgres::PostgresStoreCheck check(pool);
    co_return co_await maintenance::import_system(system, {*store, views, users, owners, check}, currency_, listener_,
                                                  deadline_);
  }

  Task<Report> into_folder(replaced::System& system, std::filesystem::path folder) {
    CO_TRY(const auto database, sqlite::Database::open({.folder = std::move(folder)}));
    CO_TRY(const auto store, sqlite::SqliteStore::open(*database, {.generation = random_.uuid_v7(clock_.now())}));
    sqlite::SqliteUserStore users(*database);
    sqlite::SqliteOwners owners(*database, clock_);
    co_return co_await maintenance::import_system(system, {*store, *store, users, owners, *store}, currency_, listener_,
                                                  deadline_);
  }

  const Options& options_;
  const Currency currency_;
  const maintenance::ImportListener& listener_;
  system::SystemClock clock_;
  system::SystemRandom random_;
  system::JsonLog log_;
  asio::io_context context_{1};
  // However large the system: whoever has waited enough stops it, and starts it again when he likes.
  const Deadline deadline_ = clock_.deadline_in(std::chrono::hours(24 * 7));
};

}  // namespace

Result<maintenance::ImportReport> import_database(const Options& options, const maintenance::ImportListener& listener) {
  const auto currency = parse_currency(options.currency);
  if (!currency) return fail(Errc::invalid_argument, "A currency is three capital letters (ISO 4217).", "--currency");
  return Run(options, *currency, listener).run();
}

}  // namespace edda::import
