// The real PostgreSQL that the tests run against: it must come, keep what it should, and go.
#include "support/postgres_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

namespace edda::testing_support {
namespace {

using testing::ElementsAre;

using Link = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Link connect_to(const std::string& address) { return {PQconnectdb(address.c_str()), &PQfinish}; }

bool answers(const Link& link) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(link.get(), "SELECT 1"), &PQclear);
  return PQresultStatus(answer.get()) == PGRES_TUPLES_OK;
}

TEST(ContractPostgresServer, GivesEachTestADatabaseOfItsOwn) {
  const PostgresDatabase one;
  const PostgresDatabase other;
  one.sql("CREATE TABLE t(n int); INSERT INTO t VALUES (1)");
  other.sql("CREATE TABLE t(n int)");
  EXPECT_THAT(one.sql("SELECT count(*) FROM t"), ElementsAre(ElementsAre("1")));
  EXPECT_THAT(other.sql("SELECT count(*) FROM t"), ElementsAre(ElementsAre("0")));
}

TEST(ContractPostgresServer, CopiesADatabaseThatWasPreparedOnce) {
  auto& server = PostgresServer::shared();
  int prepared = 0;
  const auto prepare = [&](const std::string&) {
    ++prepared;
    server.sql("prepared", "CREATE TABLE t(n int); INSERT INTO t VALUES (7)");
  };
  for (int i = 0; i < 3; ++i) {
    const PostgresDatabase copy(server, server.template_database("prepared", prepare));
    EXPECT_THAT(copy.sql("SELECT n FROM t"), ElementsAre(ElementsAre("7")));
    copy.sql("DELETE FROM t");
  }
  EXPECT_EQ(prepared, 1);
}

TEST(ContractPostgresServer, ComesBackFromKillAndRestartWithWhatWasCommitted) {
  PostgresServer server;
  server.sql("postgres", "CREATE TABLE t(n int)");
  const std::uint16_t port = server.port();
  server.sql("postgres", "INSERT INTO t VALUES (1)");
  const Link link = connect_to(server.address("postgres"));
  EXPECT_TRUE(answers(link));
  server.kill();
  EXPECT_FALSE(answers(link));
  server.start();
  EXPECT_EQ(server.port(), port);
  server.restart();
  EXPECT_THAT(server.sql("postgres", "SELECT n FROM t"), ElementsAre(ElementsAre("1")));
}

TEST(ContractPostgresServer, IsSilentWhilePaused) {
  PostgresServer server;
  const Link link = connect_to(server.address("postgres"));
  server.pause();
  PQsendQuery(link.get(), "SELECT 1");
  PQflush(link.get());
  EXPECT_EQ(PQping((server.address("postgres") + " connect_timeout=2").c_str()), PQPING_NO_RESPONSE);
  server.resume();
  EXPECT_EQ(PQresultStatus(std::unique_ptr<PGresult, decltype(&PQclear)>(PQgetResult(link.get()), &PQclear).get()), PGRES_TUPLES_OK);
}

// The process that has it dies as a crashed test does: without a destructor.
TEST(ContractPostgresServer, EndsWithAKilledProcessAndLeavesNothing) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const PostgresServer server;
    const std::string told = server.folder() + "\n" + std::to_string(server.port());
    if (::write(ends[1], told.data(), told.size()) < 0) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  ::close(ends[1]);
  char told[200];
  const auto size = ::read(ends[0], told, sizeof told);
  ASSERT_GT(size, 0);
  ::waitpid(child, nullptr, 0);
  const std::string text(told, static_cast<std::size_t>(size));
  const std::string folder = text.substr(0, text.find('\n'));
  const std::string address = "host=127.0.0.1 port=" + text.substr(text.find('\n') + 1);
  // The watchdog holds no end of the first pipe, so its end is seen by the folder's.
  for (int looks = 0; looks < 6000 && std::filesystem::exists(folder); ++looks) ::usleep(10'000);
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(PQping(address.c_str()), PQPING_NO_RESPONSE);
  ::close(ends[0]);
}

}  // namespace
}  // namespace edda::testing_support
