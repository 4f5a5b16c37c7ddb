#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/task_group.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "ports/clock.hpp"
#include "ports/task.hpp"

namespace edda::maintenance {

using TaskId = Id<struct BackgroundTaskTag>;

enum class TaskKind { rebuild, verify, saga_check, backup };
std::string_view to_string(TaskKind kind);

enum class TaskState { running, completed, failed };
std::string_view to_string(TaskState state);

struct TaskStatus {
  TaskId id;
  TaskKind kind = TaskKind::rebuild;
  TaskState state = TaskState::running;
  std::int64_t done = 0;  ///< so far: streams; sagas of a check; MiB of a backup
  std::string result;     ///< JSON; empty until completed
  std::string error;      ///< why it failed; a sentence for an operator
  Timestamp created_at;
  Timestamp updated_at;
};

/// How far the work has come. Callable from any thread, also after the work has ended.
using Progress = std::function<void(std::int64_t done)>;
/// Work that goes on after the answer; gives its result as JSON.
using BackgroundWork = std::function<Task<Result<std::string>>(Progress)>;

/// Long work that a client asked for and comes back to by id. One of a kind at a time; the last `finished_max` that ended are
/// remembered, and all are forgotten when the process ends.
///
/// Thread-safety: on the one thread of the executor, where the work is started too.
/// Lifecycle: stop() before destruction.
class TaskRegistry {
 public:
  static constexpr std::size_t finished_max = 50;

  TaskRegistry(boost::asio::any_io_executor executor, Clock& clock, Random& random);
  ~TaskRegistry();

  /// Errors: already_exists with reason "task_running", the message naming the one that runs; unavailable while stopping.
  Result<TaskStatus> start(TaskKind kind, BackgroundWork work);
  std::optional<TaskStatus> find(TaskId id) const;

  /// Cancels what runs and waits for it.
  Task<void> stop();

 private:
  struct Entry;
  Task<void> run(std::shared_ptr<Entry> entry, BackgroundWork work);
  void forget_the_oldest();

  Clock& clock_;
  Random& random_;
  TaskGroup group_;
  std::deque<std::shared_ptr<Entry>> entries_;
};

}  // namespace edda::maintenance
