#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>

#include "ports/users.hpp"

namespace edda {

/// A store under test with whatever it needs to live.
struct UserStoreHolder {
  virtual ~UserStoreHolder() = default;
  virtual UserStore& store() = 0;
};
struct UserStoreFactory {
  const char* name;
  std::function<std::unique_ptr<UserStoreHolder>()> make;

  friend void PrintTo(const UserStoreFactory& factory, std::ostream* out) { *out << factory.name; }
};

/// What every UserStore does. An adapter joins by
/// INSTANTIATE_TEST_SUITE_P(ContractNAME, ContractUserStore, testing::Values(UserStoreFactory{"name", ...})).
class ContractUserStore : public testing::TestWithParam<UserStoreFactory> {
 protected:
  void SetUp() override { holder_ = GetParam().make(); }

  UserStore& store() { return holder_->store(); }
  /// A user of this number, stored.
  User stored_user(int number, Role role = Role::customer);
  User reload(UserId id);
  std::size_t session_count(UserId user);
  /// A session of this number, open.
  Session open(UserId user, int number, Timestamp at);

 private:
  std::unique_ptr<UserStoreHolder> holder_;
};

}  // namespace edda
