#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <span>
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
  StreamId id;
  StreamState state;
  Timestamp updated_at;
  const OrderRow* order = nullptr;
  const PaymentRow* payment = nullptr;
  const SagaRow* saga = nullptr;
  const ProductRow* product = nullptr;
};

struct PassedTurn {
  const Turn* turn;
  Appended appended;
};

/// Turns of the whole batch that stand (stored before, or passing now). It outlives a bisection of the batch.
using StandingTurns = std::unordered_map<TurnId, Appended>;

/// Where a batch learns whether a stream exists that a turn begins.
enum class NewStreams {
  assumed,    ///< nowhere: the log's unique index refuses the whole batch when one does exist
  looked_up,  ///< in the log
};

/// Decides the outcome of each turn of (a part of) a batch, in order, and stages what the passing ones write. Nothing
/// is written here, so a turn that does not pass leaves no trace and needs no savepoint. Lifetime: refers to the turns;
/// belongs to one transaction of the writer's connection.
class Batch {
 public:
  using Keys = boost::unordered_flat_map<Digest128, StoredKey, DigestHash>;

  Batch(WriteStatements& statements, const StreamCache& cache, std::vector<ShardHead> heads, StandingTurns& standing,
        NewStreams new_streams, std::size_t turns);

  /// Checks the next turn; what it would write is staged when it passes (its outcome is then Appended).
  /// Errors: of the database; the transaction cannot go on.
  Result<TurnOutcome> check(const Turn& turn);

  const std::vector<PassedTurn>& passed() const { return passed_; }
  /// Command keys and claims that passing turns store; a claim that its stream holds already is not among them.
  const Keys& new_keys() const { return keys_; }
  /// In the order of their first mention.
  std::vector<StagedStream>& streams() { return streams_; }
  const std::vector<ShardHead>& heads() const { return heads_; }

 private:
  /// What the turn is told instead of being staged now, if anything.
  Result<std::optional<TurnOutcome>> settled(const Turn& turn);
  Result<std::optional<Appended>> find_own(const Turn& turn);
  Result<std::optional<Duplicate>> find_duplicate(const CommandKey& command);
  Result<std::optional<Conflict>> find_conflict(const Turn& turn);
  Result<std::optional<Claimed>> find_claimed(const Turn& turn);
  Result<StagedStream*> stream(const Turn& turn, StreamId id);
  Result<StreamState> read_state(StreamId id);
  /// Looks up what was only assumed for the turn being checked; false when there was nothing.
  Result<bool> look_up_assumed();
  bool may_assume(const Turn& turn, StreamId id) const;
  StagedStream& staged(StreamId id) { return streams_[index_.find(id)->second]; }
  Result<std::optional<StoredKey>> key(const Digest128& key);
  Appended stage(const Turn& turn);
  void stage_rows(const Turn& turn, Timestamp at);

  WriteStatements& statements_;
  const StreamCache& cache_;
  std::vector<ShardHead> heads_;
  StandingTurns& standing_;
  const NewStreams new_streams_;
  std::vector<PassedTurn> passed_;
  std::vector<StagedStream> streams_;
  boost::unordered_flat_map<StreamId, std::size_t, std::hash<StreamId>> index_;  // into streams_
  Keys keys_;
  std::vector<Claim> unheld_;     // claims of the turn being checked whose key nobody holds
  std::vector<StreamId> assumed_;  // streams that the turn being checked begins, not looked up
};

}  // namespace edda::sqlite
