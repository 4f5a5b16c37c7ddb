#include "owner/fresh_events.hpp"

#include <algorithm>
#include <iterator>

namespace edda::owner {

void FreshEvents::add(const lanes::CommittedTurn& committed) {
  const Turn& turn = *committed.turn;
  const bool follows = !events_.empty() && generation_ == committed.generation && events_.back().position.value + 1 == committed.first.value;
  if (!follows || events_.size() + turn.events.size() > max_) events_.clear();
  generation_ = committed.generation;
  Position position = committed.first;
  for (const NewEvent& event : turn.events) {
    events_.push_back({turn.shard, position, event.stream, event.version, std::string(event.type), committed.at, turn.node, turn.id,
                       turn.correlation, turn.causation, event.data});
    ++position.value;
  }
}

std::vector<RecordedEvent> FreshEvents::take(Position after, std::size_t limit, const Uuid& generation) {
  while (!events_.empty() && events_.front().position <= after) events_.pop_front();
  if (events_.empty() || generation_ != generation || events_.front().position.value != after.value + 1) return {};
  const auto end = events_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, events_.size()));
  std::vector<RecordedEvent> taken(std::make_move_iterator(events_.begin()), std::make_move_iterator(end));
  events_.erase(events_.begin(), end);
  return taken;
}

}  // namespace edda::owner
