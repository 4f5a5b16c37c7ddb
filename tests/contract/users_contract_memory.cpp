#include "contract/users_contract.hpp"
#include "memory/users.hpp"

namespace edda {
namespace {

struct MemoryUsers final : UserStoreHolder {
  memory::MemoryUserStore users;
  UserStore& store() override { return users; }
};

INSTANTIATE_TEST_SUITE_P(ContractMemory, ContractUserStore,
                         testing::Values(UserStoreFactory{"memory", [] { return std::make_unique<MemoryUsers>(); }}));

}  // namespace
}  // namespace edda
