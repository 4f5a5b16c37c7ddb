#include "contract/lock_contract.hpp"

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {

using testing_support::run_task;
using testing_support::some_deadline;

bool ContractLockService::try_lock(std::string key, std::string token, std::chrono::milliseconds ttl) {
  return run_task(holder_->locks().try_lock(std::move(key), std::move(token), ttl, some_deadline())).value();
}
bool ContractLockService::renew(std::string key, std::string token, std::chrono::milliseconds ttl) {
  return run_task(holder_->locks().renew(std::move(key), std::move(token), ttl, some_deadline())).value();
}
bool ContractLockService::unlock(std::string key, std::string token) {
  return run_task(holder_->locks().unlock(std::move(key), std::move(token), some_deadline())).value();
}
bool ContractLockService::is_locked(std::string key) {
  return run_task(holder_->locks().is_locked(std::move(key), some_deadline())).value();
}

TEST_P(ContractLockService, HasOneHolderAKey) {
  EXPECT_FALSE(is_locked("k"));
  EXPECT_TRUE(try_lock("k", "a"));
  EXPECT_TRUE(is_locked("k"));
  EXPECT_FALSE(try_lock("k", "b"));
  EXPECT_FALSE(try_lock("k", "a"));
  EXPECT_TRUE(try_lock("other", "b"));
}

TEST_P(ContractLockService, IsFreedByItsHolderOnly) {
  ASSERT_TRUE(try_lock("k", "a"));
  EXPECT_FALSE(unlock("k", "b"));
  EXPECT_TRUE(is_locked("k"));
  EXPECT_TRUE(unlock("k", "a"));
  EXPECT_FALSE(unlock("k", "a"));
  EXPECT_TRUE(try_lock("k", "b"));
}

TEST_P(ContractLockService, EndsByItself) {
  ASSERT_TRUE(try_lock("k", "a", std::chrono::milliseconds(500)));
  let_pass(std::chrono::milliseconds(400));
  EXPECT_TRUE(is_locked("k"));
  let_pass(std::chrono::milliseconds(200));
  EXPECT_FALSE(is_locked("k"));
  EXPECT_FALSE(renew("k", "a"));
  EXPECT_FALSE(unlock("k", "a"));
  EXPECT_TRUE(try_lock("k", "b"));
}

TEST_P(ContractLockService, AnOldHolderDoesNotFreeTheNewOne) {
  ASSERT_TRUE(try_lock("k", "a", std::chrono::milliseconds(100)));
  let_pass(std::chrono::milliseconds(200));
  ASSERT_TRUE(try_lock("k", "b"));
  EXPECT_FALSE(unlock("k", "a"));
  EXPECT_FALSE(renew("k", "a"));
  EXPECT_TRUE(is_locked("k"));
}

TEST_P(ContractLockService, RenewalCountsFromNow) {
  ASSERT_TRUE(try_lock("k", "a", std::chrono::milliseconds(500)));
  let_pass(std::chrono::milliseconds(400));
  EXPECT_FALSE(renew("k", "b"));
  EXPECT_TRUE(renew("k", "a", std::chrono::milliseconds(500)));
  let_pass(std::chrono::milliseconds(400));
  EXPECT_TRUE(is_locked("k"));
  let_pass(std::chrono::milliseconds(200));
  EXPECT_FALSE(is_locked("k"));
}

}  // namespace edda
