#include "contract/users_contract.hpp"
#include "memory/users.hpp"

namespace edda {
namespace {

struct MemoryHolder final : UserStoreHolder {
  memory::MemoryUserStore users;
  UserStore& store() override { return users; }
};

INSTANTIATE_TEST_SUITE_P(ContractMemory, ContractUserStore,
                         testing::Values(UserStoreFactory{"memory", [] { return std::make_unique<MemoryHolder>(); }}));

}  // namespace
}  // namespace edda
