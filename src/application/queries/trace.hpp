#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "orders/order_service.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "queries/visibility.hpp"

namespace edda::queries {

/// One order has a few sagas and short streams; these bound what one answer reads all the same.
inline constexpr std::size_t story_sagas_max = 100;
inline constexpr std::size_t story_events_per_stream_max = 1'000;

/// Everything that belongs to one order.
struct Story {
  OrderRecord order;
  std::optional<PaymentRecord> payment;
  std::vector<SagaRecord> sagas;      ///< oldest first; the OrderProcessingSaga is among them
  std::vector<RecordedEvent> events;  ///< of all its streams, in commit order

  /// The OrderProcessingSaga.
  const SagaRecord* processing_saga() const;
};

/// Reads whole stories out of views and log.
/// Thread-safety: callable from any thread. Errors of all calls: unavailable, corrupt.
class Trace {
 public:
  Trace(ReadModels& views, EventStore& store, orders::OrderService& orders)
      : views_(views), store_(store), orders_(orders) {}

  /// The order a correlation id means: its own id, or the key under which an old client placed it. Nothing if there is
  /// none, or none that may be seen.
  Task<Result<std::optional<OrderRecord>>> find_by_correlation(std::string correlation, Visibility visibility,
                                                               Deadline deadline);
  Task<Result<Story>> story_of(OrderRecord order, Deadline deadline);

  /// The latest events, newest first, optionally of one type; fewer than `limit` when they would pass answer_bytes_max.
  /// For a caller who sees only own orders: of the newest list_rows_max orders, payments and sagas, whenever their events came.
  Task<Result<std::vector<RecordedEvent>>> latest_events(Visibility visibility, std::optional<std::string> type,
                                                         std::size_t limit, Deadline deadline);
  /// The last `count` events of the order, its payment and this saga, newest first.
  Task<Result<std::vector<RecordedEvent>>> last_events(OrderRecord order, std::optional<PaymentRecord> payment,
                                                       SagaRecord saga, std::size_t count, Deadline deadline);

  /// A stream as its row tells of it.
  struct StreamRow {
    StreamId id;
    StreamVersion version;
    Timestamp updated_at;  ///< of its last event
  };

 private:
  Task<Result<std::vector<RecordedEvent>>> latest_of_all(std::optional<std::string> type, std::size_t limit,
                                                         Deadline deadline);
  Task<Result<std::vector<RecordedEvent>>> latest_of_user(UserId user, std::optional<std::string> type,
                                                          std::size_t limit, Deadline deadline);
  Task<Result<std::vector<RecordedEvent>>> latest_of_shard(ShardId shard, Position last, std::optional<std::string> type,
                                                           std::size_t limit, Deadline deadline);
  Task<Result<std::vector<StreamRow>>> streams_of(UserId user, std::optional<std::string> type, Deadline deadline);
  Task<Result<void>> append_stream(std::vector<RecordedEvent>& events, StreamId stream, StreamVersion after,
                                   std::size_t limit, Deadline deadline);

  ReadModels& views_;
  EventStore& store_;
  orders::OrderService& orders_;
};

}  // namespace edda::queries
