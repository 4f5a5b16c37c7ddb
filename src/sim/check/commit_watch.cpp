#include "check/commit_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "world/feature_levels.hpp"

namespace edda::sim {
namespace {

/// The published graph of an order's states, by the events that lead from one to the next; "" is before the first.
struct Transition {
  std::string_view from;
  std::string_view to;
};
constexpr std::array transitions{
    Transition{"", "OrderCreated"},
    Transition{"OrderCreated", "OrderConfirmed"},
    Transition{"OrderCreated", "OrderCancellationRequested"},
    Transition{"OrderCreated", "OrderCancelled"},  // its payment was declined
    Transition{"OrderConfirmed", "OrderShipped"},
    Transition{"OrderConfirmed", "OrderCancellationRequested"},
    Transition{"OrderShipped", "OrderDelivered"},
    Transition{"OrderShipped", "OrderCancellationRequested"},
    Transition{"OrderCancellationRequested", "OrderCancelled"},
};

}  // namespace

CommitWatch::CommitWatch(Kernel& kernel, SimStore& store)
    : kernel_(kernel), store_(store), seen_(store.info().shards), last_at_(store.info().shards) {
  store.on_commit = [this](const StoreCommit& commit) { look(commit); };
  store.on_fail_over = [this](const StoreFailOver& over) {
    if (over.dropped > 0) begin_anew();
  };
}

void CommitWatch::look(const StoreCommit& commit) {
  for (const auto& passed : commit.turns) {
    look(passed);
    look_at_levels(*passed.turn, commit.writer_knows);
  }
}

void CommitWatch::look(const PassedTurn& passed) {
  const Turn& turn = *passed.turn;
  auto& shard = seen_[turn.shard.value];
  kernel_.note(kernel_.scheduler.world(), "commit", [&] {
    std::string text = fmt::format("{} shard {} from {}:", turn.node, turn.shard.value, passed.appended.first.value);
    for (const auto& event : turn.events) text.append(" ").append(event.type);
    return text + " " + to_string(turn.correlation);
  });
  if (passed.appended.first.value != static_cast<std::int64_t>(shard.size()) + 1)
    kernel_.broken("I12", fmt::format("shard {}: a turn stands at {}, behind {}", turn.shard.value, passed.appended.first.value, shard.size()));
  if (passed.appended.at < last_at_[turn.shard.value])
    kernel_.broken("R7", fmt::format("time runs backwards in shard {}", turn.shard.value));
  last_at_[turn.shard.value] = passed.appended.at;
  // Promise 6, and R2: what the store let through rested on the present, and came from the present owner if from any.
  if (turn.epoch && *turn.epoch != store_.data().shards[turn.shard.value].epoch)
    kernel_.broken("I25", fmt::format("{} wrote to shard {} under epoch {}, which is at {}", turn.node, turn.shard.value, turn.epoch->value,
                                      store_.data().shards[turn.shard.value].epoch.value));
  for (const auto& [stream, version] : turn.expected) {
    const auto known = versions_.find(stream);
    const StreamVersion actual = known == versions_.end() ? StreamVersion{} : known->second;
    if (actual != version)
      kernel_.broken("R2", fmt::format("a turn rests on version {} of stream {}, which is at {}", version.value, to_string(stream), actual.value));
  }
  for (const auto& event : turn.events) {
    auto& version = versions_[event.stream];
    if (event.version.value != version.value + 1)
      kernel_.broken("I12", fmt::format("stream {}: version {} after {}", to_string(event.stream), event.version.value, version.value));
    version = event.version;
    shard.push_back({event.stream, event.version, turn.id});
    kernel_.trace.mix(static_cast<std::uint64_t>(event.version.value) ^ std::hash<StreamId>{}(event.stream));
    if (event.type.starts_with("Order")) look_at_order(event);
  }
}

/// R23: what is written is of the store's level, and nobody decides over, or writes, what its release does not know.
void CommitWatch::look_at_levels(const Turn& turn, int writer_knows) {
  const StoreData& data = store_.data();
  if (std::min(data.feature_level, writer_knows) == newest_feature_level) return;
  const auto level_of = [&](StreamId stream, std::int64_t version) {
    const RecordedEvent* event = data.event_of(stream, StreamVersion{version});  // the turn's own data stand in the log only, too
    return event == nullptr ? 1 : feature_level_of(event->type, event->data);
  };
  for (const NewEvent& event : turn.events) {
    const int level = level_of(event.stream, event.version.value);
    if (level > data.feature_level) kernel_.broken("R23", fmt::format("{} was written at feature level {}", event.type, data.feature_level));
    if (level > writer_knows) kernel_.broken("R23", fmt::format("{} wrote {}, which its release does not know", turn.node, event.type));
  }
  for (const auto& [stream, version] : turn.expected)
    for (std::int64_t i = 1; i <= version.value; ++i)
      if (level_of(stream, i) > writer_knows)
        kernel_.broken("R23", fmt::format("{} decided over version {} of {}, which its release does not know", turn.node, i, to_string(stream)));
}

void CommitWatch::look_at_order(const NewEvent& event) {
  auto& state = order_states_[event.stream];
  const bool allowed =
      std::ranges::any_of(transitions, [&](const Transition& t) { return t.from == state && t.to == event.type; });
  if (!allowed)
    kernel_.broken("I5", fmt::format("order {}: {} after {}", to_string(event.stream), event.type, state.empty() ? "nothing" : state));
  state = event.type;
}

void CommitWatch::begin_anew() {
  const StoreData& data = store_.data();
  versions_.clear();
  order_states_.clear();
  for (std::size_t i = 0; i < data.shards.size(); ++i) {
    seen_[i].clear();
    last_at_[i] = data.shards[i].last_at;
    for (const auto& event : data.shards[i].log) {
      seen_[i].push_back({event.stream, event.version, event.turn});
      versions_[event.stream] = event.version;
      const auto known = std::ranges::find(transitions, event.type, &Transition::to);
      if (known != transitions.end()) order_states_[event.stream] = known->to;
    }
  }
}

}  // namespace edda::sim
