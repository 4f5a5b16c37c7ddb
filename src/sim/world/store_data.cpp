#include "world/store_data.hpp"

#include <algorithm>
#include <ranges>

namespace edda::sim {

StreamVersion StoreData::version_of(StreamId stream) const {
  const auto found = streams.find(stream);
  return StreamVersion{found == streams.end() ? 0 : static_cast<std::int64_t>(found->second.size())};
}

const RecordedEvent* StoreData::event_of(StreamId stream, StreamVersion version) const {
  const auto found = streams.find(stream);
  if (found == streams.end() || version.value < 1) return nullptr;
  const auto index = static_cast<std::size_t>(version.value - 1);
  return index < found->second.size() ? &at(found->second[index]) : nullptr;
}

const KeyRow* StoreData::key_of(const Digest128& key) const {
  const auto found = keys.find(Uuid{key});
  return found == keys.end() ? nullptr : &found->second;
}

std::vector<LiveSaga> StoreData::live_sagas(ShardId shard) const {
  std::vector<const Stored<SagaRow>*> live;
  for (const auto& [id, saga] : sagas) {
    if (is_live(saga.row.status) && shard_of(id, static_cast<std::uint16_t>(shards.size())) == shard) {
      live.push_back(&saga);
    }
  }
  std::ranges::sort(live, {}, [](const auto* saga) { return std::pair(saga->created_at, saga->row.id); });
  std::vector<LiveSaga> answer;
  answer.reserve(live.size());
  for (const auto* saga : live) answer.push_back({saga->row.id, saga->row.order});
  return answer;
}

ClusterView StoreData::cluster(Timestamp now) const {
  ClusterView view;
  view.at = now;
  const auto lives = [&](const std::string& node) {
    const auto found = nodes.find(node);
    return found != nodes.end() && found->second.until > now;
  };
  for (const auto& [node, life] : nodes) {
    if (life.until > now) view.nodes.push_back(node);
  }
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const ShardState& shard = shards[i];
    view.shards.push_back({ShardId{static_cast<std::uint16_t>(i)}, shard.owner, shard.epoch, lives(shard.owner)});
  }
  return view;
}

void UndoLog::run(StoreData& data) {
  for (auto& step : std::views::reverse(steps_)) step(data);
  steps_.clear();
}

}  // namespace edda::sim
