#include "queries/log_tail.hpp"

#include <utility>

namespace edda::queries {
namespace {

// Some seconds of a busy server, and little memory.
constexpr std::size_t events_kept_max = 4096;
constexpr std::size_t bytes_kept_max = std::size_t{4} << 20;

std::size_t bytes_of(const RecordedEvent& event) { return sizeof(RecordedEvent) + event.data.size(); }

}  // namespace

LogTail::LogTail(EventStore& store) : store_(store), ends_(store.info().shards), generation_(store.info().generation) {}

/// After a fail-over other events may stand at the same positions.
void LogTail::forget_another_store() {
  const Uuid now = store_.info().generation;
  if (now == generation_) return;
  generation_ = now;
  for (End& end : ends_) end = End{};
}

bool LogTail::holds(const End& end, Position next) {
  return !end.events.empty() && end.events.front()->position <= next && next <= end.events.back()->position;
}

void LogTail::keep(End& end, const std::vector<EventPtr>& events) {
  for (const EventPtr& event : events) {
    if (!end.events.empty()) {
      const auto next = end.events.back()->position.value + 1;
      if (event->position.value < next) continue;
      if (event->position.value > next) end = End{};
    }
    end.bytes += bytes_of(*event);
    end.events.push_back(event);
    while (end.events.size() > events_kept_max || end.bytes > bytes_kept_max) {
      end.bytes -= bytes_of(*end.events.front());
      end.events.pop_front();
    }
  }
}

Task<Result<LogTail::Chunk>> LogTail::read(ShardId shard, Position after, std::size_t limit, Deadline deadline) {
  forget_another_store();
  End& end = ends_.at(shard.value);
  const Position next{after.value + 1};
  Chunk chunk;
  if (holds(end, next)) {
    const auto skip = static_cast<std::size_t>(next.value - end.events.front()->position.value);
    const auto count = std::min(limit, end.events.size() - skip);
    const auto first = end.events.begin() + static_cast<std::ptrdiff_t>(skip);
    chunk.events.assign(first, first + static_cast<std::ptrdiff_t>(count));
    chunk.from_memory = true;
    co_return chunk;
  }
  CO_TRY(auto events, co_await store_.read_shard(shard, after, limit, deadline));
  chunk.events.reserve(events.size());
  for (RecordedEvent& event : events) chunk.events.push_back(std::make_shared<const RecordedEvent>(std::move(event)));
  keep(end, chunk.events);
  co_return chunk;
}

}  // namespace edda::queries
