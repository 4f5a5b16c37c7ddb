#include "contract/lock_contract.hpp"
#include "support/redis_client.hpp"

namespace edda {
namespace {

using testing_support::RedisNode;
using testing_support::RedisServer;
using testing_support::slower;

/// Its locks live longer, and time passes faster, than they are told.
class SlowLocks final : public LockService {
 public:
  explicit SlowLocks(LockService& locks) : locks_(locks) {}

  Task<Result<bool>> try_lock(std::string key, std::string token, std::chrono::milliseconds ttl, Deadline deadline) override {
    return locks_.try_lock(std::move(key), std::move(token), ttl * slower, deadline);
  }
  Task<Result<bool>> renew(std::string key, std::string token, std::chrono::milliseconds ttl, Deadline deadline) override {
    return locks_.renew(std::move(key), std::move(token), ttl * slower, deadline);
  }
  Task<Result<bool>> unlock(std::string key, std::string token, Deadline deadline) override {
    return locks_.unlock(std::move(key), std::move(token), deadline);
  }
  Task<Result<bool>> is_locked(std::string key, Deadline deadline) override { return locks_.is_locked(std::move(key), deadline); }

 private:
  LockService& locks_;
};

struct RedisHolder final : LockServiceHolder {
  RedisHolder() { RedisServer::shared().command({"FLUSHALL"}); }

  RedisNode node{RedisServer::shared()};
  SlowLocks service{node.locks()};
  LockService& locks() override { return service; }
  void let_pass(std::chrono::milliseconds time) override { testing_support::let_pass(RedisServer::shared(), time * slower); }
};

INSTANTIATE_TEST_SUITE_P(ContractRedis, ContractLockService,
                         testing::Values(LockServiceFactory{"redis", [] { return std::make_unique<RedisHolder>(); }}));

}  // namespace
}  // namespace edda
