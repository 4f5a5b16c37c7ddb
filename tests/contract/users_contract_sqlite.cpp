#include <cstdlib>
#include <filesystem>

#include "contract/users_contract.hpp"
#include "sqlite/users.hpp"

namespace edda {
namespace {

std::filesystem::path fresh_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "edda-users-XXXXXX").string();
  EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
  return pattern;
}

struct SqliteUsers final : UserStoreHolder {
  std::filesystem::path folder = fresh_folder();
  std::unique_ptr<sqlite::Database> database = sqlite::Database::open({.folder = folder}).value();
  sqlite::SqliteUserStore users{*database};

  ~SqliteUsers() override {
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  UserStore& store() override { return users; }
};

INSTANTIATE_TEST_SUITE_P(ContractSqlite, ContractUserStore,
                         testing::Values(UserStoreFactory{"sqlite", [] { return std::make_unique<SqliteUsers>(); }}));

}  // namespace
}  // namespace edda
