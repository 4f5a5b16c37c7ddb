#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ports/event_store.hpp"
#include "sqlite/stream_cache.hpp"
#include "sqlite/write_statements.hpp"

namespace edda::sqlite {

/// Where a shard's log ends, and who may act for it.
struct ShardHead {
  Position last_pos;
  Timestamp last_at;
  Epoch epoch;
};

struct DigestHash {
  std::size_t operator()(const Digest128& digest) const noexcept { return std::hash<Uuid>{}(Uuid{digest}); }
};

/// A stream as the batch leaves it, and the last of its rows that a passing turn brought.
struct StagedStream {
  StreamState state;
  Timestamp updated_at;
  const OrderRow* order = nullptr;
  const PaymentRow* payment = nullptr;
  const SagaRow* saga = nullptr;
};

struct PassedTurn {
  const Turn* turn;
  Appended appended;
};

/// Turns of the whole batch that stand (stored before, or passing now). It outlives a bisection of the batch.
using StandingTurns = std::unordered_map<TurnId, Appended>;

/// Decides the outcome of each turn of (a part of) a batch, in order, and stages what the passing ones write. Nothing
/// is written here, so a turn that does not pass leaves no trace and needs no savepoint. Lifetime: refers to the turns;
/// belongs to one transaction of the writer's connection.
class Batch {
 public:
  Batch(WriteStatements& statements, const StreamCache& cache, std::vector<ShardHead> heads, StandingTurns& standing)
      : statements_(statements), cache_(cache), heads_(std::move(heads)), standing_(standing) {}

  /// Checks the next turn; what it would write is staged when it passes (its outcome is then Appended).
  /// Errors: of the database; the transaction cannot go on.
  Result<TurnOutcome> check(const Turn& turn);

  const std::vector<PassedTurn>& passed() const { return passed_; }
  /// Command keys and claims that passing turns store; a claim that its stream holds already is not among them.
  std::unordered_map<Digest128, StoredKey, DigestHash>& new_keys() { return keys_; }
  std::unordered_map<StreamId, StagedStream>& streams() { return streams_; }
  const std::vector<ShardHead>& heads() const { return heads_; }

 private:
  Result<std::optional<Appended>> find_own(const Turn& turn);
  Result<std::optional<Duplicate>> find_duplicate(const CommandKey& command);
  Result<std::optional<Conflict>> find_conflict(const Turn& turn);
  Result<std::optional<Claimed>> find_claimed(const Turn& turn);
  Result<StagedStream*> stream(StreamId id);
  Result<std::optional<StoredKey>> key(const Digest128& key);
  Appended stage(const Turn& turn);
  void stage_rows(const Turn& turn, Timestamp at);

  WriteStatements& statements_;
  const StreamCache& cache_;
  std::vector<ShardHead> heads_;
  StandingTurns& standing_;
  std::vector<PassedTurn> passed_;
  std::unordered_map<StreamId, StagedStream> streams_;
  std::unordered_map<Digest128, StoredKey, DigestHash> keys_;
  std::vector<Claim> unheld_;  // claims of the turn being checked whose key nobody holds
};

}  // namespace edda::sqlite
