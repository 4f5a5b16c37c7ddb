#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <utility>

#include "contract/store_driver.hpp"
#include "postgres/migrations.hpp"
#include "postgres/pool.hpp"
#include "support/postgres_server.hpp"
#include "support/quiet_log.hpp"

namespace edda::test {

/// A thread with an event loop for the connections of a pool, as the program has one.
class PostgresThread {
 public:
  PostgresThread() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}
  ~PostgresThread() {
    work_.reset();
    thread_.join();
  }
  boost::asio::any_io_executor executor() { return context_.get_executor(); }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

/// A pool of connections to one database, on a thread of its own.
class PostgresPool {
 public:
  explicit PostgresPool(const std::string& address, std::size_t connections = 4)
      : pool_(std::make_unique<postgres::Pool>(thread_.executor(), options(address, connections), log_)) {}
  explicit PostgresPool(postgres::PoolOptions with)
      : pool_(std::make_unique<postgres::Pool>(thread_.executor(), std::move(with), log_)) {}

  static postgres::PoolOptions options(const std::string& address, std::size_t connections = 4) {
    postgres::PoolOptions options;
    options.connect.address = address;
    options.connections_max = connections;
    return options;
  }

  postgres::Pool& operator*() { return *pool_; }
  postgres::Pool* operator->() { return pool_.get(); }

 private:
  testing_support::QuietLog log_;
  PostgresThread thread_;  // ends after the pool has closed its connections
  std::unique_ptr<postgres::Pool> pool_;
};

/// A fresh database with the schema of this release: copied, because many tests want one.
inline std::unique_ptr<testing_support::PostgresDatabase> migrated_database(
    testing_support::PostgresServer& server = testing_support::PostgresServer::shared()) {
  const auto& schema = server.template_database("edda_schema", [](const std::string& address) {
    PostgresPool pool(address, 1);
    const auto done = await(postgres::migrate(*pool, soon()));
    if (!done) throw std::runtime_error(done.error().message);
  });
  return std::make_unique<testing_support::PostgresDatabase>(server, schema);
}

}  // namespace edda::test
