#pragma once

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
/// streams are read one after the other, and cut off where the log is known to go: what is handed on stood there as a whole at one time.
/// Thread-safety: on the tasks' executor.
class CaseLoads {
 public:
  struct Load {
    ShardId shard;
    Epoch epoch;           ///< under which it was asked for
    OrderId order;
    bool first = false;    ///< of the shard's live sagas at its take-over
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Whether the case is still of use.
    virtual bool wanted(const Load& load) const = 0;
    /// The last position of the shard that is known to be stored, the end of a turn.
    virtual Position log_end(const Load& load) const = 0;
    virtual void loaded(const Load& load, const turn::OrderCase& state) = 0;
    /// Errors: those that trying again does not help (corrupt).
    virtual void failed(const Load& load, const Error& error) = 0;
    /// True while so much is under way that nothing should be added to it.
    virtual bool too_busy() const = 0;
  };

  CaseLoads(TaskGroup& tasks, EventStore& store, Clock& clock, Listener& listener, std::size_t at_once)
      : tasks_(tasks), store_(store), clock_(clock), listener_(listener), at_once_(at_once) {}

  void add(const Load& load);
  /// The order has moved on, as the caller has seen itself.
  void changed(OrderId order) {
    if (reading_.empty()) return;
    if (const auto found = reading_.find(order); found != reading_.end()) found->second.changed = true;
  }
  void clear() { queue_.clear(); }
  std::size_t size() const { return queue_.size() + reading_.size(); }

 private:
  struct Reading {
    Epoch epoch;           ///< under which it was asked for
    bool changed = false;  ///< meanwhile: to be read again
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
