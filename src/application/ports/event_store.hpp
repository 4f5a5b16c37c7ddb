#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.hpp"
#include "base/feature_level.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "ports/task.hpp"
#include "views/rows.hpp"

namespace edda {

/// A stream that a turn folded, written or not, and the version it folded up to.
struct ExpectedVersion {
  StreamId stream;
  StreamVersion version;  ///< 0: the stream must not exist yet
};

/// The client's idempotency record: digest of (principal, route, key). It is stored only with its turn's effect.
struct CommandKey {
  Digest128 key;
  std::uint64_t fingerprint = 0;  ///< of the request; the same key with another fingerprint is another request
  StreamId stream;                ///< where the turn's first event stands: the answer is rendered again from there
  StreamVersion version;
};

/// A key that one stream holds: uniqueness inside the append transaction. Digest of (scope, key).
struct Claim {
  Digest128 key;
  StreamId stream;
};

/// Everything one turn decided. Stored whole or not at all.
struct Turn {
  TurnId id;  ///< the same when a batch is sent again after a lost answer (R3)
  ShardId shard;
  OrderId correlation;
  std::optional<TurnId> causation;
  std::string node;
  Timestamp proposed_at;                   ///< the node's clock; the store keeps the later of this and the shard's last (R7)
  std::vector<ExpectedVersion> expected;   ///< every stream folded, written or not (R2)
  std::vector<TurnId> after;               ///< earlier turns of the same batch whose outcome was folded (R2)
  std::vector<NewEvent> events;            ///< in order; versions follow `expected`
  std::optional<CommandKey> command;
  std::vector<Claim> claims;
  std::optional<Epoch> epoch;              ///< of the acting owner; refused when stale (R9)
  std::vector<OrderRow> orders;            ///< read-model rows as they are after this turn
  std::vector<PaymentRow> payments;
  std::vector<SagaRow> sagas;
  std::vector<ProductRow> products;
};

/// Stored (now, or by an earlier try of the same turn).
struct Appended {
  Timestamp at;
  Position first;  ///< of the turn's first event; the others follow without a gap
};
/// The command key stands already.
struct Duplicate {
  StreamId stream;
  StreamVersion version;
  bool same_request = true;  ///< false: the fingerprint differs
};
/// A folded stream has moved on (or an earlier turn that this one was folded over did not pass): decide again.
struct Conflict {
  StreamId stream;
  StreamVersion actual;
};
/// Another stream holds a claimed key.
struct Claimed {
  Digest128 key;
  StreamId holder;
};
/// The acting owner's epoch is stale: stop acting for the shard.
struct Fenced {
  Epoch current;
};
/// The database refuses this turn's data.
struct Refused {
  Error error;
};
using TurnOutcome = std::variant<Appended, Duplicate, Conflict, Claimed, Fenced, Refused>;

/// What stands under a command key or claim.
struct StoredKey {
  StreamId stream;
  StreamVersion version;          ///< 0 for a claim
  std::uint64_t fingerprint = 0;  ///< 0 for a claim
};

struct LiveSaga {
  SagaId saga;
  OrderId order;
};

/// What a new owner of a shard starts from (R8).
struct TakeOver {
  Epoch epoch;
  Position last;
  std::vector<LiveSaga> live;
};

/// What a store is, as this process last saw it.
struct StoreInfo {
  std::uint16_t shards = 1;
  Uuid generation;                           ///< changes on restore and fail-over (R11)
  int feature_level = newest_feature_level;  ///< what may be written into it (R23); it only ever rises
};

/// Append-only log of events with the read models, command keys and claims that are written in the same transaction.
/// Thread-safety: callable from any thread; batches are serialised by the store.
class EventStore {
 public:
  virtual ~EventStore() = default;

  virtual StoreInfo info() const = 0;

  /// Appends each turn of `batch` whole or not at all and answers each on its own, in the batch's order; one turn never fails its
  /// neighbours. Precedence: own turn, duplicate, fenced, conflict, claimed (R1). Turns are checked in batch order: a later turn sees
  /// what earlier passing turns of the batch wrote.
  /// Errors: unavailable (surely nothing written); outcome_unknown (may be written: send the same batch again).
  /// Lifetime: `batch` stays until the answer.
  virtual Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) = 0;

  /// Events of one stream with version > `after`, ascending, at most `limit`.
  virtual Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                               Deadline deadline) = 0;

  /// Events of one shard with position > `after`, ascending, at most `limit`.
  virtual Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit,
                                                              Deadline deadline) = 0;

  /// Events of one shard with position < `before`, DESCENDING, at most `limit`, optionally of one type. Looks at no more than
  /// `scan_limit` events: a rare type ends the search early, and the last position looked at is returned.
  struct Backwards {
    std::vector<RecordedEvent> events;
    Position scanned_to;
  };
  virtual Task<Result<Backwards>> read_shard_backwards(ShardId shard, Position before, std::optional<std::string> type,
                                                       std::size_t limit, std::size_t scan_limit,
                                                       Deadline deadline) = 0;

  /// The last position of each shard, by shard number. A store that other processes use looks at its own row too: `info()` is of this
  /// moment afterwards.
  virtual Task<Result<std::vector<Position>>> last_positions(Deadline deadline) = 0;

  virtual Task<Result<std::optional<StoredKey>>> find_key(Digest128 key, Deadline deadline) = 0;

  /// A product as its stream's last event left it; nullopt if there is none. Here its stream is folded. A store on disk reads the row
  /// instead, which every turn on the product writes and which holds the whole state: the stream of a product that sells well has an
  /// event for each order. Errors: also corrupt.
  virtual Task<Result<std::optional<ProductRow>>> product_row(ProductId id, Deadline deadline);

  /// Makes `node` the owner of `shard`: raises its epoch and reads, in the same transaction, where its log ends and which sagas live (R8).
  /// `if_epoch`: only while that is still the shard's epoch, so that of two nodes that saw the same lapsed owner one comes too late.
  /// Errors: version_conflict (if_epoch), invalid_argument (no such shard), unavailable, outcome_unknown.
  virtual Task<Result<TakeOver>> take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                           Deadline deadline) = 0;
};

}  // namespace edda
