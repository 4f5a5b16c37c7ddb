#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ports/event_store.hpp"
#include "world/store_transaction.hpp"

// The transactions of those who own shards: taking one, moving a cursor, showing that one lives, giving up.

namespace edda::sim {

/// R8: the first statement raises the epoch in the shard's row and so locks it: no append to the shard is under way
/// from here to the commit. Then the cursors' epochs, one a statement; then where the log ends and which sagas live.
class TakeOverTransaction final : public Transaction {
 public:
  TakeOverTransaction(ShardId shard, std::string node, std::optional<Epoch> if_epoch)
      : shard_(shard), node_(std::move(node)), if_epoch_(if_epoch) {}

  Progress step(Database& database) override;
  void commit(Database& database, UndoLog* undo) override;
  /// Complete when ready.
  const Result<TakeOver>& answer() const { return answer_; }
  ShardId shard() const { return shard_; }

 private:
  Progress raise(Database& database);
  void read(const StoreData& data);

  const ShardId shard_;
  const std::string node_;
  const std::optional<Epoch> if_epoch_;
  bool read_early_ = false;  ///< planted bug
  bool raised_ = false;
  std::vector<std::string> readers_;  ///< whose cursors must be raised yet
  Result<TakeOver> answer_;
};

/// Moves one reader's cursor, under the lock of its row, if the epoch is still the shard's. A row that is not there yet
/// is made under the shard's lock, so that no take-over overlooks it.
class MoveCursorTransaction final : public Transaction {
 public:
  MoveCursorTransaction(std::string reader, ShardId shard, Epoch epoch, Position position)
      : reader_(std::move(reader)), shard_(shard), epoch_(epoch), position_(position) {}

  Progress step(Database& database) override;
  void commit(Database& database, UndoLog* undo) override;
  const Result<void>& answer() const { return answer_; }

 private:
  const std::string reader_;
  const ShardId shard_;
  const Epoch epoch_;
  const Position position_;
  Result<void> answer_;
};

/// "`self` lives for `lease` from now": one statement, by the server's clock.
class BeatTransaction final : public Transaction {
 public:
  BeatTransaction(NodeProcess self, std::chrono::milliseconds lease) : self_(std::move(self)), lease_(lease) {}

  Progress step(Database& database) override;
  void commit(Database& database, UndoLog* undo) override;
  const ClusterView& answer() const { return view_; }

 private:
  const NodeProcess self_;
  const std::chrono::milliseconds lease_;
  Timestamp until_;
  ClusterView view_;
};

/// Hands a shard over, under the lock of its row.
class ReleaseTransaction final : public Transaction {
 public:
  ReleaseTransaction(ShardId shard, Epoch epoch) : shard_(shard), epoch_(epoch) {}

  Progress step(Database& database) override;
  void commit(Database& database, UndoLog* undo) override;
  const Result<void>& answer() const { return answer_; }

 private:
  const ShardId shard_;
  const Epoch epoch_;
  bool owned_ = false;
  Result<void> answer_;
};

/// A node goes: it lives no more, and nobody owns its shards, each under the lock of its row.
class LeaveTransaction final : public Transaction {
 public:
  explicit LeaveTransaction(NodeProcess self) : self_(std::move(self)) {}

  Progress step(Database& database) override;
  void commit(Database& database, UndoLog* undo) override;

 private:
  bool is_anothers(const StoreData& data) const;

  const NodeProcess self_;
  std::size_t next_ = 0;        ///< the shard to look at
  std::vector<ShardId> owned_;  ///< and locked
};

}  // namespace edda::sim
