#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "config/server_file.hpp"

namespace edda::config {
namespace {

class UnitServerFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "edda-server-file-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(UnitServerFile, IsReadBackAndOnlyItsOwnersToRead) {
  ASSERT_TRUE(write_server_file(folder, {"http://127.0.0.1:1", Secret("first"), 7}).has_value());
  ASSERT_TRUE(write_server_file(folder, {"http://127.0.0.1:3000", Secret("second"), 42}).has_value());

  const auto file = read_server_file(folder);

  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->url, "http://127.0.0.1:3000");
  EXPECT_EQ(file->token.reveal(), "second");
  EXPECT_EQ(file->process, 42);
  struct stat status {};
  ASSERT_EQ(stat((folder / "server.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(UnitServerFile, IsNotFoundBeforeTheStartAndAfterTheEnd) {
  EXPECT_EQ(read_server_file(folder).error().code, Errc::not_found);
  ASSERT_TRUE(write_server_file(folder, {"http://127.0.0.1:1", Secret("x"), 1}).has_value());
  remove_server_file(folder);
  EXPECT_EQ(read_server_file(folder).error().code, Errc::not_found);
}

TEST_F(UnitServerFile, IsCorruptWhenItIsNotOurs) {
  std::ofstream(folder / "server.json") << "{\"url\": 1}";
  EXPECT_EQ(read_server_file(folder).error().code, Errc::corrupt);
}

TEST_F(UnitServerFile, CannotBeWrittenIntoAFolderThatIsNotThere) {
  EXPECT_EQ(write_server_file(folder / "absent", {"http://127.0.0.1:1", Secret("x"), 1}).error().code, Errc::unavailable);
}

}  // namespace
}  // namespace edda::config
