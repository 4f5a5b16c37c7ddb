#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "ports/clock.hpp"
#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/feature_level.hpp"
#include "ports/read_models.hpp"
#include "ports/shard_ownership.hpp"
#include "ports/store_check.hpp"
#include "ports/view_rebuild.hpp"

namespace edda::memory {

/// How the next append fails; for tests of what a caller does then.
enum class AppendFault {
  unavailable,          ///< nothing is written
  unknown_not_written,  ///< the answer is lost, and so is the batch
  unknown_but_written,  ///< the batch is stored, only the answer is lost
};

/// The event store without a disk: for tests and the simulation. As plain as can be, so that it serves as the model of
/// the real ones. Thread-safety: callable from any thread; one mutex, nothing waits.
class MemoryEventStore final : public EventStore,
                               public ReadModels,
                               public ViewRebuild,
                               public StoreCheck,
                               public Cursors,
                               public ShardOwnership,
                               public FeatureLevel {
 public:
  /// `clock`: the store's own, by which leases end; the machine's where none is given.
  explicit MemoryEventStore(StoreInfo info = {}, Clock* clock = nullptr)
      : clock_(clock), info_(info), shards_(info.shards) {}

  void fail_next_append(AppendFault fault);

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

  Task<Result<RebuildReport>> rebuild_views(StreamFold fold, bool compare_only,
                                            std::function<void(std::int64_t)> progress, Deadline deadline) override;
  Task<Result<StoreFindings>> check_log(Deadline deadline) override;
  Task<Result<StoreStats>> quick_stats(Deadline deadline) override;

  Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline deadline) override;
  Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                 Deadline deadline) override;

  Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) override;
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline deadline) override;
  Task<Result<void>> leave(NodeProcess self, Deadline deadline) override;

  Task<Result<LevelView>> look_at_level(Deadline deadline) override;
  Task<Result<int>> raise_feature_level(int to, Deadline deadline) override;

  /// The heartbeat of a node whose release knows no later level than `newest`: for tests of who must not be overtaken.
  void beat_as_release(std::string node, std::chrono::milliseconds lease, int newest);

  /// A fail-over to a copy that had not seen the shard's last events: they are gone, and the store's generation is another. Only the log is
  /// cut: for tests of who follows it.
  void fail_over(ShardId shard, Position last, Uuid generation);

  /// Replaces a row behind the store's back: for tests of the rebuild.
  void overwrite(OrderRow row);

 private:
  struct Shard {
    std::vector<RecordedEvent> log;
    Timestamp last_at;
    Epoch epoch;
    std::string owner;
  };
  struct Heartbeat {
    Timestamp alive_until;
    int newest_level = newest_feature_level;
    Uuid incarnation = {};
  };
  struct Place {
    ShardId shard;
    std::size_t index;
  };
  template <class Row>
  using View = std::map<Uuid, Stored<Row>>;

  TurnOutcome append_one(const Turn& turn, std::map<TurnId, Appended>& standing);
  std::optional<Appended> find_own(const Turn& turn) const;
  std::optional<TurnOutcome> find_obstacle(const Turn& turn, const std::map<TurnId, Appended>& standing) const;
  Appended write(const Turn& turn);
  template <class Row>
  void put_rows(View<Row>& view, const std::vector<Row>& rows);
  template <class Row>
  void rebuild(View<Row>& view, const View<Row>& from_log, bool compare_only, RebuildReport& report) const;
  StreamVersion version_of(StreamId stream) const;
  const RecordedEvent& event_at(const Place& place) const { return shards_[place.shard.value].log[place.index]; }
  Timestamp now() const;
  LevelView level_view() const;
  Result<OrderRecord> record(const Stored<OrderRow>& stored) const;

  mutable std::mutex mutex_;
  Clock* const clock_;
  // Guarded by mutex_.
  StoreInfo info_;
  std::optional<AppendFault> fault_;
  std::vector<Shard> shards_;
  std::map<StreamId, std::vector<Place>> streams_;
  std::map<Digest128, StoredKey> keys_;
  View<OrderRow> orders_;
  View<PaymentRow> payments_;
  View<SagaRow> sagas_;
  View<ProductRow> products_;
  std::map<std::pair<std::string, ShardId>, Position> cursors_;
  std::map<std::string, Heartbeat> nodes_;
};

}  // namespace edda::memory
