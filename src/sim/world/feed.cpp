#include "world/feed.hpp"

#include <fmt/format.h>

#include <memory>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;

Error away() { return Error{Errc::unavailable, "the broker does not answer"}; }

}  // namespace

void Feed::append(ShardId shard, const RecordedEvent& event) {
  auto& partition = partitions_[shard];
  if (!partition.empty() && partition.back().position >= event.position) kernel_.saw(Sometimes::published_twice);
  partition.push_back({event.position, event.stream, event.turn});
}

Task<Result<void>> FeedPort::publish(ShardId shard, std::vector<RecordedEvent> events, Deadline deadline) {
  Kernel& kernel = feed_.kernel();
  const Duration patience = deadline.at - clock_.steady_now();
  auto batch = std::make_shared<std::vector<RecordedEvent>>(std::move(events));
  co_return co_await ask<Result<void>>(node_, std::unexpected(away()), [&](Answer<Result<void>> answer) {
    auto& scheduler = kernel.scheduler;
    scheduler.after(scheduler.world(), patience, "patience", [answer] { answer.give(std::unexpected(away())); });
    const Cut cut = links_.state(Service::feed);
    if (cut == Cut::requests) return;
    const bool doubled = kernel.strikes(Fault::feed_doubled, Stream::network);
    const bool unheard = kernel.strikes(Fault::feed_unacknowledged, Stream::network) || cut == Cut::answers;
    const Duration there = kernel.draws.delay(Stream::network, 300us, 5ms);
    const Duration back = kernel.draws.delay(Stream::network, 300us, 5ms);
    // How much of a batch is out when its acknowledgement is lost.
    const std::size_t out = unheard ? kernel.draws.below(Stream::network, batch->size() + 1) : batch->size();
    scheduler.after(scheduler.world(), there, "publish", [&feed = feed_, &kernel, shard, batch, doubled, unheard, out, back, answer] {
      if (feed.is_down()) return answer.give(std::unexpected(away()));
      for (int copy = 0; copy < (doubled ? 2 : 1); ++copy)
        for (std::size_t i = 0; i < out; ++i) feed.append(shard, (*batch)[i]);
      if (unheard) return;
      kernel.scheduler.after(kernel.scheduler.world(), back, "published", [answer] { answer.give(Result<void>{}); });
    });
  });
}

}  // namespace edda::sim
