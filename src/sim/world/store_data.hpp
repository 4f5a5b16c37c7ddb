#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ports/event_store.hpp"
#include "ports/shard_ownership.hpp"
#include "views/rows.hpp"

namespace edda::sim {

/// A command key or a claim, with the turn that stored it.
struct KeyRow {
  StoredKey stored;
  TurnId turn;
};

struct CursorRow {
  Epoch epoch;
  Position position;
};

struct ShardState {
  std::vector<RecordedEvent> log;  ///< position n at index n - 1
  Timestamp last_at;
  Epoch epoch;
  std::string owner;

  Position last() const { return Position{static_cast<std::int64_t>(log.size())}; }
};

/// Where an event stands in the log.
struct Place {
  ShardId shard;
  std::size_t index = 0;
};

/// Which process lives under a node's name, and until when.
struct NodeLife {
  Uuid incarnation;
  Timestamp until;
};

/// Everything that is committed in the simulated database: what any statement sees that starts now. Hash maps are never
/// walked where their order could reach an answer.
struct StoreData {
  Uuid generation;
  int feature_level = newest_feature_level;
  std::vector<ShardState> shards;
  std::unordered_map<StreamId, std::vector<Place>> streams;
  std::map<std::string, std::int64_t> event_counts;  ///< by type: nodes ask for them all the time
  std::unordered_map<Uuid, KeyRow> keys;  ///< by digest
  std::unordered_map<Uuid, Stored<OrderRow>> orders;
  std::unordered_map<Uuid, Stored<PaymentRow>> payments;
  std::unordered_map<Uuid, Stored<SagaRow>> sagas;
  std::unordered_map<Uuid, Stored<ProductRow>> products;
  std::map<std::pair<ShardId, std::string>, CursorRow> cursors;  ///< by shard and reader
  std::map<std::string, NodeLife> nodes;                         ///< by name

  const RecordedEvent& at(const Place& place) const { return shards[place.shard.value].log[place.index]; }
  StreamVersion version_of(StreamId stream) const;
  /// nullptr: there is no such event.
  const RecordedEvent* event_of(StreamId stream, StreamVersion version) const;
  const KeyRow* key_of(const Digest128& key) const;
  /// Oldest first, as a take-over reads them (R8).
  std::vector<LiveSaga> live_sagas(ShardId shard) const;
  ClusterView cluster(Timestamp now) const;
};

/// How to take commits back, newest first: a fail-over loses those that the standby had not got.
class UndoLog {
 public:
  using Undo = std::move_only_function<void(StoreData&)>;

  void note(Undo undo) { steps_.push_back(std::move(undo)); }
  void run(StoreData& data);

 private:
  std::vector<Undo> steps_;
};

}  // namespace edda::sim
