#include "sqlite/backup.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "contract/sqlite_under_test.hpp"
#include "contract/turn_builder.hpp"

namespace edda::test {
namespace {

using sqlite::back_up;

const auto unwatched = [](std::int64_t) {};

void place_orders(SqliteUnderTest& store, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i <= last; ++i)
    ASSERT_TRUE(std::holds_alternative<Appended>(await(store.log().append({place(i, OrderIds(i))}, soon()))->front()));
}
std::int64_t end_of(SqliteUnderTest& store) { return await(store.log().last_positions(soon()))->front().value; }

/// A folder into which a copy is made, and a store that is opened there.
struct Restored {
  std::shared_ptr<TemporaryFolder> folder = std::make_shared<TemporaryFolder>();
  std::filesystem::path copy = folder->path() / "copy";
  SqliteUnderTest open(Uuid generation = uuid_of(2)) const {
    std::error_code moved_before;
    std::filesystem::rename(copy / "edda.sqlite3", folder->path() / "edda.sqlite3", moved_before);
    return SqliteUnderTest(1, folder, generation);
  }
};

TEST(ContractSqliteBackup, HoldsAllThatWasAcknowledgedBeforeAndNothingHalf) {
  SqliteUnderTest store;
  place_orders(store, 1, 500);
  const auto before = end_of(store);
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> written{500};
  std::jthread writer([&] {
    while (!done) {
      place_orders(store, written + 1, written + 1);
      ++written;
    }
  });
  const Restored restored;
  const auto bytes = await(back_up(store.database(), restored.copy, {}, unwatched, soon()));
  done = true;
  writer.join();
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(*bytes, static_cast<std::int64_t>(std::filesystem::file_size(restored.copy / "edda.sqlite3")));

  auto copy = restored.open();
  EXPECT_GE(end_of(copy), before);
  EXPECT_LE(end_of(copy), end_of(store));
  EXPECT_TRUE(await(copy.check().check_log(soon()))->findings.empty());
  EXPECT_EQ(await(copy.rebuild().rebuild_views(fold_rows, true, unwatched, soon()))->rows_changed, 0);
}

TEST(ContractSqliteBackup, IsUpToDateWithWhatWasWrittenBehindTheCopying) {
  SqliteUnderTest store;
  place_orders(store, 1, 2'000);
  const Restored restored;
  bool written = false;
  const auto write_once = [&](std::int64_t) {
    if (!std::exchange(written, true)) place_orders(store, 2'001, 2'003);
  };
  ASSERT_TRUE(await(back_up(store.database(), restored.copy, {}, write_once, soon())));
  ASSERT_TRUE(written);
  auto copy = restored.open();
  EXPECT_EQ(end_of(copy), end_of(store));
}

// R11
TEST(ContractSqliteBackup, WhoeverServesItFirstGivesItAGeneration) {
  SqliteUnderTest store;
  const Restored restored;
  ASSERT_TRUE(await(back_up(store.database(), restored.copy, {}, unwatched, soon())));
  EXPECT_EQ(restored.open(Uuid{}).log().info().generation, Uuid{}) << "a command that only looks gives it none";
  EXPECT_EQ(restored.open(uuid_of(2)).log().info().generation, uuid_of(2));
  EXPECT_EQ(restored.open(uuid_of(3)).log().info().generation, uuid_of(2));
  EXPECT_EQ(store.log().info().generation, uuid_of(1));
}

TEST(ContractSqliteBackup, FilesBesideItAreOfTheSameMoment) {
  SqliteUnderTest store;
  const Restored restored;
  const auto grown = restored.folder->path() / "grown";
  std::ofstream(grown) << "before";
  const auto grow = [&](std::int64_t) { std::ofstream(grown, std::ios::app) << " and after"; };  // the last page is copied
  ASSERT_TRUE(await(back_up(store.database(), restored.copy, {grown, restored.folder->path() / "missing"}, grow, soon())));
  std::string text;
  std::getline(std::ifstream(restored.copy / "grown"), text);
  EXPECT_EQ(text, "before");
  EXPECT_FALSE(std::filesystem::exists(restored.copy / "missing"));
}

TEST(ContractSqliteBackup, OverwritesNothingAndLeavesNothingWhereItFails) {
  SqliteUnderTest store;
  const Restored restored;
  std::ofstream(restored.copy) << "mine";
  const auto refused = await(back_up(store.database(), restored.copy, {}, unwatched, soon()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::already_exists);
  EXPECT_EQ(std::filesystem::file_size(restored.copy), 4U);

  const auto nowhere = await(back_up(store.database(), restored.copy / "no/folder", {}, unwatched, soon()));
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Errc::unavailable);

  const auto late = await(back_up(store.database(), restored.folder->path() / "late", {}, unwatched, Deadline{}));
  ASSERT_FALSE(late);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(restored.folder->path()), {}), 1);
  place_orders(store, 1, 1);
}

}  // namespace
}  // namespace edda::test
