#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"

namespace edda::sim {

class Transaction;

/// What a transaction locks: the row of a shard or a cursor, or a key that it inserts and that nobody can see yet.
struct LockKey {
  enum class Kind : std::uint8_t { key, shard, cursor };
  Kind kind = Kind::key;
  Uuid id;

  bool operator==(const LockKey&) const = default;

  static LockKey of_key(const Digest128& key) { return {Kind::key, Uuid{key}}; }
  static LockKey of_shard(ShardId shard);
  /// Readers whose names agree in their first 14 bytes share a lock, which is harmless.
  static LockKey of_cursor(std::string_view reader, ShardId shard);
};

struct LockKeyHash {
  std::size_t operator()(const LockKey& key) const noexcept {
    return std::hash<Uuid>{}(key.id) + static_cast<std::size_t>(key.kind) * 0x9E3779B97F4A7C15ULL;
  }
};

/// Exclusive locks that transactions hold until their end; who waits is served in the order of coming.
/// Thread-safety: one thread, as all of the simulation.
class LockTable {
 public:
  /// True when `transaction` holds the lock now; else it waits, and will be among the woken when it got it.
  bool acquire(Transaction& transaction, const LockKey& key);
  /// Gives up one lock; the next waiter holds it and is added to `woken`.
  void release(Transaction& transaction, const LockKey& key, std::vector<Transaction*>& woken);
  /// Gives up all locks, and the place in a queue.
  void release_all(Transaction& transaction, std::vector<Transaction*>& woken);

 private:
  struct Lock {
    Transaction* holder = nullptr;
    std::vector<Transaction*> waiters;
  };
  void pass_on(const LockKey& key, std::vector<Transaction*>& woken);

  std::unordered_map<LockKey, Lock, LockKeyHash> locks_;
};

}  // namespace edda::sim
