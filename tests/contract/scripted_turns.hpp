#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "contract/turn_builder.hpp"
#include "ports/event_store.hpp"

namespace edda::test {

inline constexpr std::uint16_t script_shards = 2;
inline constexpr int script_orders = 5;

inline ShardId shard_of_order(int order) { return ShardId{static_cast<std::uint16_t>(order % script_shards)}; }

/// One turn of a script, in small numbers; what it means depends on how far the streams are.
struct Plan {
  int order = 0;
  int streams = 1;  ///< bits: order, payment, saga
  int events = 1;   ///< of each stream
  int kind = 0;     ///< which event
  int lag = 0;      ///< how far behind the expected versions are: 0 mostly
  int folded = 0;   ///< an order of the same shard whose stream is folded and not written; 0: none
  int key = -1;
  int fingerprint = 0;
  int claim = -1;
  int epoch = -1;
  int second = 1;
  int after = -1;  ///< index in the batch
  bool again = false;
  bool bad = false;  ///< text that no store takes
};

/// Makes turns of plans: of five orders in two shards, whose streams move on as orders do.
class ScriptedTurns {
 public:
  using StoredVersion = std::function<std::int64_t(StreamId)>;

  /// `stored`: the version that a client who folds the stream now would find. Turns are numbered from `first` on.
  explicit ScriptedTurns(StoredVersion stored, std::uint64_t first = 1)
      : stored_(std::move(stored)), next_turn_(first) {}

  std::vector<Turn> batch(const std::vector<Plan>& plans);

 private:
  Turn turn_of(const Plan& plan, const std::vector<Turn>& earlier);
  std::int64_t& version(StreamId stream);

  StoredVersion stored_;
  std::vector<std::pair<StreamId, std::int64_t>> versions_;  ///< as the batch being built would leave them
  std::optional<Turn> last_;
  std::uint64_t next_turn_;
};

/// Whether the turn at `index` was told to decide again although a store that checks strictly one turn after the other
/// would let it pass: it wants a key that went to an earlier turn of the batch that did not pass (R1).
bool may_decide_again(const std::vector<Turn>& batch, const std::vector<TurnOutcome>& outcomes, std::size_t index);

}  // namespace edda::test
