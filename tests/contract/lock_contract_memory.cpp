#include "contract/lock_contract.hpp"
#include "memory/lock_service.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {
namespace {

using testing_support::run_task;
using testing_support::some_deadline;

struct MemoryHolder final : LockServiceHolder {
  testing_support::ManualClock clock;
  memory::MemoryLockService service{clock, 3};
  LockService& locks() override { return service; }
  void let_pass(std::chrono::milliseconds time) override { clock.advance(time); }
};

INSTANTIATE_TEST_SUITE_P(ContractMemory, ContractLockService,
                         testing::Values(LockServiceFactory{"memory",
                                                            [] { return std::make_unique<MemoryHolder>(); }}));

TEST(ContractMemoryLockService, RefusesMoreLocksThanItHasRoomFor) {
  MemoryHolder holder;
  const auto lock = [&](std::string key) {
    return run_task(holder.service.try_lock(std::move(key), "t", std::chrono::seconds(1), some_deadline()));
  };
  ASSERT_TRUE(lock("a").value());
  ASSERT_TRUE(lock("b").value());
  ASSERT_TRUE(lock("c").value());
  EXPECT_EQ(lock("d").error().code, Errc::overloaded);
  holder.clock.advance(std::chrono::seconds(2));
  EXPECT_TRUE(lock("d").value());
}

}  // namespace
}  // namespace edda
