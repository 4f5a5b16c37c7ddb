// News of the log between nodes, over a real PostgreSQL.
#include <gmock/gmock.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "contract/postgres_under_test.hpp"
#include "postgres/log_news.hpp"

namespace edda::test {
namespace {

using testing_support::PostgresServer;

/// A node that remembers what it heard.
class Listener {
 public:
  Listener(const std::string& address, std::string name)
      : pool_(address), news_(*pool_, {.node = std::move(name), .reconnect_after = std::chrono::milliseconds(20)}) {
    news_.start([this](ShardId shard, Position end) {
      const std::lock_guard lock(mutex_);
      ends_[shard] = end;
      ++times_;
      told_.notify_all();
    });
  }
  ~Listener() { await(stop()); }

  void tell(int shard, std::int64_t end) { news_.tell(ShardId{static_cast<std::uint16_t>(shard)}, Position{end}); }
  bool hears(int shard, std::int64_t end, std::chrono::milliseconds within = std::chrono::seconds(60)) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, within,
                          [&] { return ends_[ShardId{static_cast<std::uint16_t>(shard)}] == Position{end}; });
  }
  int times() {
    const std::lock_guard lock(mutex_);
    return times_;
  }

 private:
  Task<int> stop() {
    co_await news_.stop();
    co_return 0;
  }

  PostgresPool pool_;
  std::mutex mutex_;
  std::condition_variable told_;
  std::map<ShardId, Position> ends_;
  int times_ = 0;
  postgres::PostgresLogNews news_;
};

// Nobody is told when a node begins to listen: it is told until it hears.
void meet(Listener& teller, Listener& hearer, std::int64_t end = 1) {
  do {
    teller.tell(0, end);
  } while (!hearer.hears(0, end, std::chrono::milliseconds(20)));
}

TEST(ContractPostgresLogNews, TellsTheOtherNodesAndNotItself) {
  const auto database = migrated_database();
  Listener one(database->address(), "one");
  Listener other(database->address(), "other");
  meet(one, other);
  meet(other, one);
  one.tell(3, 17);
  one.tell(15, 4);
  EXPECT_TRUE(other.hears(3, 17));
  EXPECT_TRUE(other.hears(15, 4));
  other.tell(3, 18);
  EXPECT_TRUE(one.hears(3, 18));
  EXPECT_FALSE(one.hears(15, 4, std::chrono::milliseconds(0))) << "its own came before the other's";
}

TEST(ContractPostgresLogNews, TellsManyCommitsAtOnce) {
  const auto database = migrated_database();
  Listener one(database->address(), "one");
  Listener other(database->address(), "other");
  meet(one, other);
  for (std::int64_t end = 1; end <= 10'000; ++end) one.tell(7, end);
  EXPECT_TRUE(other.hears(7, 10'000));
  EXPECT_LT(other.times(), 5'000);
}

TEST(ContractPostgresLogNews, HearsAgainAfterTheServerCameBack) {
  PostgresServer server;
  const auto database = migrated_database(server);
  Listener one(database->address(), "one");
  Listener other(database->address(), "other");
  meet(one, other);
  server.restart();
  meet(one, other, 2);
}

}  // namespace
}  // namespace edda::test
