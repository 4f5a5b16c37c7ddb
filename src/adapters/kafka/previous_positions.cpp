#include "kafka/previous_positions.hpp"

#include <algorithm>

namespace edda::kafka {
namespace {

constexpr std::size_t page = 500;

}  // namespace

bool PreviousPositions::all_found() const { return std::ranges::all_of(found_, [](const auto& one) { return one.has_value(); }); }

void PreviousPositions::know(Position next, const Last& last) {
  next_ = searched_to_ = next;
  std::ranges::copy(last, found_.begin());
}

Task<Result<PreviousPositions::Last>> PreviousPositions::before(EventStore& store, ShardId shard, Position first, Deadline deadline) {
  if (next_ != first) {
    next_ = searched_to_ = first;
    found_.fill(std::nullopt);
  }
  while (!all_found() && searched_to_.value > 1) {
    CO_TRY(const auto read, co_await store.read_shard_backwards(shard, searched_to_, std::nullopt, page, page, deadline));
    for (const RecordedEvent& event : read.events) {
      const auto topic = topic_of(event.type);
      if (topic && !found_[static_cast<std::size_t>(*topic)]) found_[static_cast<std::size_t>(*topic)] = event.position;
    }
    // A search that stands still would never end.
    if (read.scanned_to >= searched_to_) co_return fail(Errc::corrupt, "the log has no events where it should have some");
    searched_to_ = read.scanned_to;
  }
  Last last;
  std::ranges::transform(found_, last.begin(), [](const auto& one) { return one.value_or(Position{0}); });
  co_return last;
}

}  // namespace edda::kafka
