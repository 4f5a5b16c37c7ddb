#include "world/store_locks.hpp"

#include <algorithm>

#include "world/store_transaction.hpp"

namespace edda::sim {

LockKey LockKey::of_shard(ShardId shard) { return {Kind::shard, of_cursor({}, shard).id}; }

LockKey LockKey::of_cursor(std::string_view reader, ShardId shard) {
  LockKey key{Kind::cursor, {}};
  for (std::size_t i = 0; i < std::min<std::size_t>(reader.size(), 14); ++i) {
    key.id.bytes[i] = static_cast<std::uint8_t>(reader[i]);
  }
  key.id.bytes[14] = static_cast<std::uint8_t>(shard.value >> 8);
  key.id.bytes[15] = static_cast<std::uint8_t>(shard.value & 0xFF);
  return key;
}

bool LockTable::acquire(Transaction& transaction, const LockKey& key) {
  Lock& lock = locks_[key];
  if (lock.holder == &transaction) return true;
  if (lock.holder == nullptr) {
    lock.holder = &transaction;
    transaction.held_.push_back(key);
    return true;
  }
  if (!transaction.waits_for_) {
    lock.waiters.push_back(&transaction);
    transaction.waits_for_ = key;
  }
  return false;
}

void LockTable::pass_on(const LockKey& key, std::vector<Transaction*>& woken) {
  const auto found = locks_.find(key);
  Lock& lock = found->second;
  if (lock.waiters.empty()) {
    locks_.erase(found);
    return;
  }
  lock.holder = lock.waiters.front();
  lock.waiters.erase(lock.waiters.begin());
  lock.holder->held_.push_back(key);
  lock.holder->waits_for_.reset();
  woken.push_back(lock.holder);
}

void LockTable::release(Transaction& transaction, const LockKey& key, std::vector<Transaction*>& woken) {
  if (std::erase(transaction.held_, key) > 0) pass_on(key, woken);
}

void LockTable::release_all(Transaction& transaction, std::vector<Transaction*>& woken) {
  if (transaction.waits_for_) {
    std::erase(locks_[*transaction.waits_for_].waiters, &transaction);
    transaction.waits_for_.reset();
  }
  for (const LockKey& key : transaction.held_) pass_on(key, woken);
  transaction.held_.clear();
}

}  // namespace edda::sim
