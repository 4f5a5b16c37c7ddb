#include "maintenance/task_registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace edda::maintenance {

struct TaskRegistry::Entry {
  TaskStatus status;
  std::atomic<std::int64_t> done = 0;  ///< told from any thread
};

std::string_view to_string(TaskKind kind) {
  switch (kind) {
    case TaskKind::rebuild: return "rebuild";
    case TaskKind::verify: return "verify";
    case TaskKind::saga_check: return "saga_check";
    case TaskKind::backup: return "backup";
  }
  return "verify";
}

std::string_view to_string(TaskState state) {
  switch (state) {
    case TaskState::running: return "running";
    case TaskState::completed: return "completed";
    case TaskState::failed: return "failed";
  }
  return "failed";
}

TaskRegistry::TaskRegistry(boost::asio::any_io_executor executor, Clock& clock, Random& random)
    : clock_(clock), random_(random), group_(std::move(executor)) {}

TaskRegistry::~TaskRegistry() = default;

Result<TaskStatus> TaskRegistry::start(TaskKind kind, BackgroundWork work) {
  const auto runs = [kind](const auto& entry) {
    return entry->status.kind == kind && entry->status.state == TaskState::running;
  };
  if (const auto running = std::ranges::find_if(entries_, runs); running != entries_.end()) {
    return fail(Errc::already_exists,
                fmt::format("Task {} does this already: wait for it to end.", to_string((*running)->status.id)), {},
                "task_running");
  }
  const Timestamp now = clock_.now();
  const auto entry = std::make_shared<Entry>();
  entry->status.id = TaskId{random_.uuid_v7(now)};
  entry->status.kind = kind;
  entry->status.created_at = entry->status.updated_at = now;
  entries_.push_back(entry);
  forget_the_oldest();
  if (!group_.spawn(run(entry, std::move(work)))) {
    entries_.pop_back();
    return fail(Errc::unavailable, "The server is stopping.");
  }
  return entry->status;
}

Task<void> TaskRegistry::run(std::shared_ptr<Entry> entry, BackgroundWork work) {
  auto result = co_await work([entry](std::int64_t done) { entry->done.store(done, std::memory_order_relaxed); });
  TaskStatus& status = entry->status;
  status.state = result ? TaskState::completed : TaskState::failed;
  if (result) {
    status.result = std::move(*result);
  } else {
    status.error = std::move(result.error().message);
  }
  status.updated_at = clock_.now();
}

void TaskRegistry::forget_the_oldest() {
  if (entries_.size() <= finished_max) return;
  const auto ended = [](const auto& entry) { return entry->status.state != TaskState::running; };
  if (const auto oldest = std::ranges::find_if(entries_, ended); oldest != entries_.end()) entries_.erase(oldest);
}

std::optional<TaskStatus> TaskRegistry::find(TaskId id) const {
  const auto found = std::ranges::find_if(entries_, [id](const auto& entry) { return entry->status.id == id; });
  if (found == entries_.end()) return std::nullopt;
  TaskStatus status = (*found)->status;
  status.done = (*found)->done.load(std::memory_order_relaxed);
  if (status.state == TaskState::running) status.updated_at = clock_.now();
  return status;
}

Task<void> TaskRegistry::stop() {
  group_.close();
  group_.cancel();
  co_await group_.join();
}

}  // namespace edda::maintenance
