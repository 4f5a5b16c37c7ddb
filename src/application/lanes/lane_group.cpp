#include "lanes/lane_group.hpp"

#include <algorithm>

namespace edda::lanes {

LaneGroup::LaneGroup(std::size_t count, const boost::asio::any_io_executor& executor, EventStore& store,
                     Epochs& epochs, Clock& clock, Random& random, const LaneSettings& settings,
                     const CommitListener& on_commit)
    : shards_(store.info().shards) {
  const std::size_t wanted = std::clamp<std::size_t>(count, 1, shards_);
  for (std::size_t i = 0; i < wanted; ++i)
    lanes_.push_back(std::make_unique<Lane>(executor, store, epochs, clock, random, settings, on_commit));
}

Task<TurnAnswer> LaneGroup::submit(TurnRequest request, Deadline deadline) {
  Lane& lane = *lanes_[shard_of(request.subject(), shards_).value % lanes_.size()];
  co_return co_await lane.submit(std::move(request), deadline);
}

Task<void> LaneGroup::stop() {
  for (const auto& lane : lanes_) co_await lane->stop();
}

LaneStats LaneGroup::stats() const {
  LaneStats all;
  for (const auto& lane : lanes_) {
    const LaneStats one = lane->stats();
    all.turns += one.turns;
    all.batches += one.batches;
    all.conflicts += one.conflicts;
    all.duplicates += one.duplicates;
    all.claimed += one.claimed;
    all.fenced += one.fenced;
    all.rejections += one.rejections;
    all.overloaded += one.overloaded;
    all.append_failed += one.append_failed;
    all.append_unknown += one.append_unknown;
    all.queued += one.queued;
  }
  return all;
}

}  // namespace edda::lanes
