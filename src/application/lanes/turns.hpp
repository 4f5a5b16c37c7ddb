#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.hpp"
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
  TraceContext caused_by{};                   ///< none: the trace of the saga that the command carries on
  std::optional<Uuid> generation{};           ///< of the store that another stream was read in: refused when it has failed over since

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
  std::shared_ptr<const Turn> turn;
  Uuid generation;  ///< of the store that it stands in
  Position first;   ///< of its first event; the others follow without a gap
  Timestamp at;
  std::shared_ptr<const turn::Decision> decision;

  Position last() const { return Position{first.value + static_cast<std::int64_t>(turn->events.size()) - 1}; }
};
/// Told of the stored turns of each batch, in commit order, on the lane's executor: the owner's in-process signal. An empty list: a batch's
/// answer was lost for good, and the log may hold turns that nobody will be told of.
using CommitListener = std::function<void(std::shared_ptr<const std::vector<CommittedTurn>>)>;

/// Where commands become turns: one lane, or several.
/// Thread-safety: callable from any thread.
class Turns {
 public:
  virtual ~Turns() = default;

  /// Answered on the caller's executor, after the commit. The wait ends within the deadline plus one commit.
  /// Errors: overloaded; unavailable (surely not done: also of another generation); outcome_unknown; rejected, `reason` names the refusal; version_conflict
  /// (if_version, if_saga_version); already_exists with reason "idempotency_key_reused" or "claimed" (`where`: the holder's id); cancelled (fenced).
  virtual Task<TurnAnswer> submit(TurnRequest request, Deadline deadline) = 0;
};

}  // namespace edda::lanes
