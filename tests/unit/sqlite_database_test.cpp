#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/store_driver.hpp"
#include "sqlite/database.hpp"
#include "sqlite/migrations.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::sqlite {
namespace {

using namespace edda::test;
using testing::HasSubstr;

DatabaseOptions in_folder(const std::filesystem::path& folder) {
  DatabaseOptions options;
  options.folder = folder;
  return options;
}

TEST(UnitSqliteDatabase, RefusesASecondStoreOnTheSameFolder) {
  TemporaryFolder folder;
  const auto first = Database::open(in_folder(folder.path()));
  ASSERT_TRUE(first);
  const auto second = Database::open(in_folder(folder.path()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::already_exists);
  EXPECT_THAT(second.error().message, HasSubstr("another Edda serves this folder"));
}

TEST(UnitSqliteDatabase, RefusesASecondProcess) {
  TemporaryFolder folder;
  const auto first = Database::open(in_folder(folder.path()));
  ASSERT_TRUE(first);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  // Only the lock is asked for: a child of a threaded process may do little more.
  if (child == 0) ::_exit(FolderLock::acquire(folder.path()) ? 1 : 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(UnitSqliteDatabase, FreesTheFolderWhenItCloses) {
  TemporaryFolder folder;
  ASSERT_TRUE(Database::open(in_folder(folder.path())));
  EXPECT_TRUE(Database::open(in_folder(folder.path())));
}

TEST(UnitSqliteDatabase, LeavesNoLogBehindWhenItCloses) {
  TemporaryFolder folder;
  auto database = Database::open(in_folder(folder.path()));
  ASSERT_TRUE(database);
  EXPECT_GT((*database)->wal_file_bytes(), 0);
  (*database)->close();
  EXPECT_EQ((*database)->wal_file_bytes(), 0);
}

TEST(UnitSqliteMigrations, BringAFreshFileToTheLastOne) {
  TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_write});
  ASSERT_TRUE(connection);
  ASSERT_TRUE(migrate(*connection));
  ASSERT_TRUE(migrate(*connection));
  EXPECT_EQ(connection->integer("SELECT max(number) FROM schema_migrations"), embedded_migrations().back().number);
  EXPECT_EQ(connection->integer("SELECT count(*) FROM schema_migrations"),
            static_cast<std::int64_t>(embedded_migrations().size()));
}

TEST(UnitSqliteMigrations, RefuseASchemaOfANewerEdda) {
  TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_write});
  ASSERT_TRUE(migrate(*connection));
  ASSERT_TRUE(connection->execute("INSERT INTO schema_migrations VALUES (9999, 'of_the_future')"));
  const auto refused = migrate(*connection);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "schema_too_new");
  EXPECT_THAT(refused.error().message, HasSubstr("9999"));
}

TEST(UnitSqliteMigrations, AMigrationThatFailsLeavesNothing) {
  TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_write});
  const std::vector<Migration> broken = {{1, "broken", "CREATE TABLE a(x); CREATE TABLE a(x);"}};
  EXPECT_FALSE(migrate(*connection, broken));
  EXPECT_EQ(connection->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'a'"), 0);
  const std::vector<Migration> mended = {{1, "mended", "CREATE TABLE a(x);"}};
  EXPECT_TRUE(migrate(*connection, mended));
}

TEST(UnitSqliteConnection, NamesTheColumnOfABrokenUniqueConstraint) {
  TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_write});
  ASSERT_TRUE(connection->execute("CREATE TABLE t(a TEXT UNIQUE) STRICT; INSERT INTO t VALUES ('x')"));
  const auto refused = connection->execute("INSERT INTO t VALUES ('x')");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::already_exists);
  EXPECT_EQ(refused.error().where, "t.a");
}

TEST(UnitSqliteConnection, AReadingConnectionWritesNothing) {
  TemporaryFolder folder;
  auto writer = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_write});
  ASSERT_TRUE(writer->execute("CREATE TABLE t(a)"));
  auto reader = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_only});
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(reader->integer("SELECT count(*) FROM t"), 0);
}

TEST(UnitSqliteConnection, EndsAQueryThatPassesItsDeadline) {
  TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "x.sqlite3", {.access = Access::read_write});
  connection->set_deadline(Deadline{std::chrono::steady_clock::now()});
  const auto endless =
      connection->integer("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().reason, "store_interrupt");
}

}  // namespace
}  // namespace edda::sqlite
