#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "world/store_data.hpp"
#include "world/store_locks.hpp"

namespace edda::sim {

/// What the statements of a transaction work on.
struct Database {
  StoreData data;
  LockTable locks;
  Timestamp now;                    ///< the server's clock at this statement
  std::vector<Transaction*> woken;  ///< got the lock they waited for; whoever drives the transactions goes on with them
};

/// One transaction at the database, READ COMMITTED: a row of statements, each of which sees what is committed when it
/// starts, and may have to wait for another transaction. What it writes is seen by others only after its commit; until
/// then its locks speak for it. Whoever drives it calls step() until it is ready (again after a wake-up when it waits),
/// then commit(), or at any moment drops it (a rollback); either way LockTable::release_all after that.
class Transaction {
 public:
  enum class Progress {
    again,    ///< the next statement can start
    waiting,  ///< for a lock
    ready,    ///< to commit
  };

  Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  virtual ~Transaction() = default;

  virtual Progress step(Database& database) = 0;
  /// Makes visible what it wrote. `undo`: takes note of how to take that back; may be nullptr.
  virtual void commit(Database& database, UndoLog* undo) = 0;

  /// False where there is nothing to commit.
  virtual bool writes() const { return true; }
  /// For a lock, now.
  bool waits() const { return waits_for_.has_value(); }

 private:
  friend class LockTable;
  std::vector<LockKey> held_;
  std::optional<LockKey> waits_for_;
};

/// One statement that only reads.
template <class Body>
class Query final : public Transaction {
 public:
  explicit Query(Body body) : body_(std::move(body)) {}

  Progress step(Database& database) override {
    body_(database);
    return Progress::ready;
  }
  void commit(Database&, UndoLog*) override {}
  bool writes() const override { return false; }

 private:
  Body body_;
};

}  // namespace edda::sim
