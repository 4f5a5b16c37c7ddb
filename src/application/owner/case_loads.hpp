#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <unordered_map>

#include "async/task_group.hpp"
#include "lanes/case_loader.hpp"
#include "ports/clock.hpp"
#include "ports/event_store.hpp"

namespace edda::owner {

/// Folds orders whose story moved where this process did not see it, a few at a time.
///
/// A case that changes while it is being read is read again: what is handed on is never older than what the caller was told meanwhile. Its
/// streams are read one after the other, and cut off at one position: what is handed on stood in the log as a whole at one time.
/// Thread-safety: on the tasks' executor.
class CaseLoads {
 public:
  struct Load {
    ShardId shard;
    Epoch epoch;           ///< under which it was asked for
    OrderId order;
    Position up_to;        ///< the end of a turn: the case as it was right after it, or after a later one that the caller told of
    bool first = false;    ///< of the shard's live sagas at its take-over
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Whether the case is still of use.
    virtual bool wanted(const Load& load) const = 0;
    virtual void loaded(const Load& load, const turn::OrderCase& state) = 0;
    /// Errors: those that trying again does not help (corrupt).
    virtual void failed(const Load& load, const Error& error) = 0;
    /// True while so much is under way that nothing should be added to it.
    virtual bool too_busy() const = 0;
  };

  CaseLoads(TaskGroup& tasks, EventStore& store, Clock& clock, Listener& listener, std::size_t at_once)
      : tasks_(tasks), store_(store), clock_(clock), listener_(listener), at_once_(at_once) {}

  void add(const Load& load);
  /// The order has moved on, as the caller has seen itself; the log is known to go to `up_to`, the end of a turn.
  void changed(OrderId order, Position up_to) {
    if (reading_.empty()) return;
    if (const auto found = reading_.find(order); found != reading_.end()) found->second.change(up_to);
  }
  void clear() { queue_.clear(); }
  std::size_t size() const { return queue_.size() + reading_.size(); }

 private:
  struct Reading {
    Epoch epoch;  ///< under which it was asked for
    Position up_to;
    bool changed = false;  ///< meanwhile: to be read again

    void change(Position end) {
      up_to = std::max(up_to, end);
      changed = true;
    }
  };

  Task<void> work();
  Task<void> load_one(Load load);

  TaskGroup& tasks_;
  EventStore& store_;
  Clock& clock_;
  Listener& listener_;
  const std::size_t at_once_;
  std::size_t workers_ = 0;
  std::deque<Load> queue_;
  std::unordered_map<OrderId, Reading> reading_;
};

}  // namespace edda::owner
