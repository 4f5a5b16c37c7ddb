#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "ports/task.hpp"

namespace edda::owner {

/// Wakes whoever follows the log after a commit (R10). It tells that something was committed, not what: any number of commits between
/// two looks are one.
///
/// With nobody waiting, notify() is one atomic increment and one atomic load: it stands on the path of every commit.
/// Thread-safety: callable from any thread; the executor of a waiting coroutine must run on one thread, or be a strand.
/// Lifetime: outlives every wait().
class CommitSignal {
 public:
  CommitSignal() = default;
  ~CommitSignal();
  CommitSignal(const CommitSignal&) = delete;
  CommitSignal& operator=(const CommitSignal&) = delete;

  void notify();

  /// The number of commits so far: read it before the log is read, and hand it to wait() as `seen`.
  std::uint64_t current() const { return commits_.load(); }

  /// Returns at once when something was committed since `seen`, else with the next commit or at the deadline, and brings `seen` up to
  /// date. Ends early, without an error, when the caller is cancelled.
  Task<void> wait(std::uint64_t& seen, Deadline deadline);

 private:
  struct Waiter;
  class Enrolment;

  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::size_t> waiting_ = 0;
  std::mutex mutex_;
  std::list<std::shared_ptr<Waiter>> waiters_;  ///< guarded by mutex_
};

}  // namespace edda::owner
