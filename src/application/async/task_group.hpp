#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cstddef>
#include <functional>
#include <list>
#include <vector>

#include "ports/task.hpp"

namespace edda {

/// Background work that must end before its owner does: nothing in Edda is detached.
///
/// Tasks are spawned into the group; `close()` refuses further ones, `cancel()` asks the running ones to end, `join()`
/// waits for the last. The destructor asserts that none is left. A task that throws anything but a cancellation is a
/// bug: it aborts.
///
/// Nothing here needs a timer: the executor may be one without a reactor, as the simulation's is.
/// Thread-safety: all calls, and all tasks, on the one thread that runs the executor.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`; false, and nothing started, once the group is closed.
  bool spawn(Task<void> task);
  void close() { closed_ = true; }
  /// Emits a terminal cancellation to every running task: what it awaits ends early.
  void cancel();
  /// Closes the group and waits for the last task to end. Every task must have a deadline of its own, or be cancelled
  /// first.
  Task<void> join();

  bool closed() const { return closed_; }
  std::size_t size() const { return running_.size(); }

 private:
  struct Running {
    boost::asio::cancellation_signal cancellation;
  };
  void wake_joiners();

  boost::asio::any_io_executor executor_;
  std::list<Running> running_;
  std::vector<std::move_only_function<void()>> joiners_;  ///< woken when the last task ends
  bool closed_ = false;
};

}  // namespace edda
