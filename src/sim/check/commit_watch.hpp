#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/kernel.hpp"
#include "world/store.hpp"

namespace edda::sim {

/// Looks at every commit as it happens: positions and versions without a gap (I12), an order that goes only where the graph lets it and never
/// leaves its end (I1, I5), time that does not run backwards (R7). Keeps what it saw, to hold the log against at the end (I13).
class CommitWatch {
 public:
  CommitWatch(Kernel& kernel, SimStore& store);

  /// One event as it was committed.
  struct Seen {
    StreamId stream;
    StreamVersion version;
    TurnId turn;
  };
  /// By shard number, in the order of positions.
  const std::vector<std::vector<Seen>>& seen() const { return seen_; }

 private:
  void look(const StoreCommit& commit);
  void look(const PassedTurn& passed);
  void look_at_levels(const Turn& turn, int writer_knows);
  void look_at_order(const NewEvent& event);
  void begin_anew();

  Kernel& kernel_;
  SimStore& store_;
  std::vector<std::vector<Seen>> seen_;
  std::vector<Timestamp> last_at_;
  std::unordered_map<StreamId, StreamVersion> versions_;
  std::unordered_map<StreamId, std::string_view> order_states_;  ///< the type of the order's last event
};

}  // namespace edda::sim
