#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "lanes/epochs.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"
#include "turn/turn.hpp"

namespace edda::lanes {

/// One command on its way into a turn.
struct TurnRequest {
  OrderId order;  ///< whose story it belongs to; a command on a product leaves it out: a product is a story of its own
  turn::Command command;
  SagaId fresh_saga;
  std::optional<CommandKey> key;              ///< stream and version are filled in by the lane
  std::vector<Digest128> claims;              ///< held by the order's stream
  std::optional<StreamVersion> if_version;    ///< of the subject's stream: version_conflict when it has moved on
  struct SagaVersion {
    SagaId saga;
    StreamVersion version;
  };
  std::optional<SagaVersion> if_saga_version{};  ///< the same for one of the order's sagas
  std::optional<TurnId> causation;
  std::optional<Epoch> epoch;                 ///< set when the shard's owner acts: refused when stale
  std::optional<ProductId> product;           ///< set for a command on a product

  /// What the command is decided on, and the correlation: the product, else the order. Its low 16 bits tell the shard.
  const Uuid& subject() const { return product ? product->value : order.value; }
};

/// The turn is stored (`turn` unset: the command no longer mattered, nothing was stored).
struct Committed {
  std::shared_ptr<const turn::OrderCase> state;
  std::optional<TurnId> turn;
  Timestamp at;
  std::shared_ptr<const turn::Decision> decision = {};  ///< that was stored, or of which there was nothing to store
};
/// The key stands already; nothing was decided anew.
struct Replay {
  StreamId stream;
  StreamVersion version;
};
using TurnAnswer = Result<std::variant<Committed, Replay>>;

/// A turn as it was stored.
struct CommittedTurn {
  TurnId id;
  ShardId shard;
  Position first;  ///< of its first event
  Timestamp at;
  std::shared_ptr<const turn::Decision> decision;
};
/// Told of the stored turns of each batch, in commit order, on the lane's executor: the owner's in-process signal. An empty list: a batch's
/// answer was lost for good, and the log may hold turns that nobody will be told of.
using CommitListener = std::function<void(std::shared_ptr<const std::vector<CommittedTurn>>)>;

struct LaneSettings {
  std::string node;
  std::size_t queue_max = 4096;    ///< commands waiting; a further one is answered `overloaded`
  std::size_t batch_max = 256;     ///< turns in one append
  std::size_t cases_max = 4'096;   ///< hot orders and products kept folded, some 3 KiB each
  /// Whether another process may write what this lane writes. Where none does, what the lane has folded is what stands in the store.
  bool others_write = true;
};

/// Counters since the start, for metrics.
struct LaneStats {
  std::uint64_t turns = 0;
  std::uint64_t batches = 0;     ///< append transactions
  std::uint64_t conflicts = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t claimed = 0;
  std::uint64_t fenced = 0;
  std::uint64_t rejections = 0;  ///< commands that the domain refused
  std::uint64_t overloaded = 0;
  std::size_t queued = 0;
};

/// Takes all commands that wait, decides them, appends them in one transaction, answers; while the disk works the next batch collects.
/// No artificial delay, no answer before the commit. Hot orders stay folded in a cache that advances only after a commit.
/// Commands on one order or product that wait together are folded over one another and stored together: a product that everybody wants
/// costs no more than as many orders that nobody else touches.
///
/// Thread-safety: `submit` from any thread. Everything else runs on the lane's executor, which must run on one thread.
class Lane {
 public:
  Lane(boost::asio::any_io_executor executor, EventStore& store, Epochs& epochs, Clock& clock, Random& random,
       const LaneSettings& settings, CommitListener on_commit);
  ~Lane();

  /// Answered on the caller's executor, after the commit. The wait ends within the deadline plus one commit.
  /// Errors: overloaded; unavailable (surely not done); outcome_unknown; rejected, `reason` names the refusal; version_conflict
  /// (if_version, if_saga_version); already_exists with reason "idempotency_key_reused" or "claimed" (`where`: the holder's id); cancelled (fenced).
  Task<TurnAnswer> submit(TurnRequest request, Deadline deadline);

  /// Refuses new commands and waits until all that wait are answered.
  Task<void> stop();

  LaneStats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace edda::lanes
