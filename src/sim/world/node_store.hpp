#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.hpp"
#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "ports/shard_ownership.hpp"
#include "world/links.hpp"
#include "world/store.hpp"

namespace edda::sim {

/// The database as one life of a node reaches it: over connections that are slow, refused, or break before, while or
/// after the server did its work (Fault::store_*), or cut off by `links`. What a write's client did not hear is outcome_unknown; a read's, and
/// what surely was not done, unavailable. Transactions of a node that died go on at the server. Lifetime: store and
/// clock outlive it.
class NodeStore final : public EventStore, public ReadModels, public Cursors, public ShardOwnership {
 public:
  /// `clock`: the node's own, which deadlines are told by.
  /// `knows`: the newest feature level that the node's release can read; what a later one wrote it finds unreadable.
  NodeStore(SimStore& store, Actor& node, Clock& clock, const Links& links = whole_links, int knows = newest_feature_level)
      : store_(store), node_(node), clock_(clock), links_(links), knows_(knows), met_(std::make_shared<StoreInfo>(store.info())) {}

  StoreInfo info() const override;
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) override;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override;
  Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit,
                                                      Deadline deadline) override;
  Task<Result<Backwards>> read_shard_backwards(ShardId shard, Position before, std::optional<std::string> type,
                                               std::size_t limit, std::size_t scan_limit, Deadline deadline) override;
  Task<Result<std::vector<Position>>> last_positions(Deadline deadline) override;
  Task<Result<std::optional<StoredKey>>> find_key(Digest128 key, Deadline deadline) override;
  Task<Result<std::optional<ProductRow>>> product_row(ProductId id, Deadline deadline) override;
  Task<Result<TakeOver>> take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                   Deadline deadline) override;

  Task<Result<std::optional<OrderRecord>>> find_order(OrderId id, Deadline deadline) override;
  Task<Result<std::optional<PaymentRecord>>> find_payment(PaymentId id, Deadline deadline) override;
  Task<Result<std::optional<SagaRecord>>> find_saga(SagaId id, Deadline deadline) override;
  Task<Result<std::optional<ProductRecord>>> find_product(ProductId id, Deadline deadline) override;
  Task<Result<ListPage<OrderRecord>>> list_orders(OrderFilter filter, ListWindow window, Deadline deadline) override;
  Task<Result<ListPage<PaymentRecord>>> list_payments(PaymentFilter filter, ListWindow window,
                                                      Deadline deadline) override;
  Task<Result<ListPage<SagaRecord>>> list_sagas(SagaFilter filter, ListWindow window, Deadline deadline) override;
  Task<Result<ListPage<ProductRecord>>> list_products(ProductFilter filter, ListWindow window,
                                                      Deadline deadline) override;
  Task<Result<Totals>> totals(Deadline deadline) override;

  Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline deadline) override;
  Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                 Deadline deadline) override;

  Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) override;
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override;
  Task<Result<void>> leave(NodeProcess self, Deadline deadline) override;

 private:
  enum class Kind { read, write, ownership };

  Cut cut_of(Kind kind) const;
  /// As this node's release reads them.
  Result<std::vector<RecordedEvent>> as_read(Result<std::vector<RecordedEvent>> events) const;

  /// Brings a transaction to the server and waits for the news of its end; what it found is read from the transaction
  /// itself then.
  Task<Result<void>> perform(std::shared_ptr<Transaction> transaction, Kind kind, Deadline deadline);
  template <class T, class Read>
  Task<Result<T>> read(Read read, Deadline deadline);

  SimStore& store_;
  Actor& node_;
  Clock& clock_;
  const Links& links_;
  const int knows_;
  /// As of the last look at the log's ends, and the opening of connections.
  const std::shared_ptr<StoreInfo> met_;
};

}  // namespace edda::sim
