#pragma once

#include <utility>

#include "ports/event_store.hpp"

namespace edda::testing_support {

/// Passes everything on: a test overrides what should go wrong.
class ForwardingStore : public EventStore {
 public:
  explicit ForwardingStore(EventStore& to) : to_(to) {}

  StoreInfo info() const override { return to_.info(); }
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) override {
    return to_.append(batch, deadline);
  }
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    return to_.read_stream(stream, after, limit, deadline);
  }
  Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit,
                                                      Deadline deadline) override {
    return to_.read_shard(shard, after, limit, deadline);
  }
  Task<Result<Backwards>> read_shard_backwards(ShardId shard, Position before, std::optional<std::string> type,
                                               std::size_t limit, std::size_t scan_limit, Deadline deadline) override {
    return to_.read_shard_backwards(shard, before, std::move(type), limit, scan_limit, deadline);
  }
  Task<Result<std::vector<Position>>> last_positions(Deadline deadline) override { return to_.last_positions(deadline); }
  Task<Result<std::optional<StoredKey>>> find_key(Digest128 key, Deadline deadline) override {
    return to_.find_key(key, deadline);
  }
  Task<Result<std::optional<ProductRow>>> product_row(ProductId id, Deadline deadline) override {
    return to_.product_row(id, deadline);
  }
  Task<Result<TakeOver>> take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                   Deadline deadline) override {
    return to_.take_over(shard, std::move(node), if_epoch, deadline);
  }

 private:
  EventStore& to_;
};

}  // namespace edda::testing_support
