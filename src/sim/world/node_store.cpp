#include "world/node_store.hpp"

#include <algorithm>

#include "base/planted.hpp"
#include "world/feature_levels.hpp"
#include "world/store_ownership.hpp"
#include "world/store_reads.hpp"

namespace edda::sim {
namespace {

/// One request's way to the server and back, as its connection fares.
class Request : public std::enable_shared_from_this<Request> {
 public:
  /// `met`: what the server said of the store when the client's connections were opened.
  Request(SimStore& store, std::shared_ptr<StoreInfo> met, std::shared_ptr<Transaction> transaction, bool writes, Cut cut,
          Answer<Result<void>> answer)
      : store_(store), met_(std::move(met)), transaction_(std::move(transaction)), writes_(writes), cut_(cut), answer_(std::move(answer)) {}

  /// `patience`: how long the client waits.
  void start(Duration patience) {
    if (cut_ != Cut::none) {
      wait_until(patience);
      deaf_ = true;
      if (cut_ == Cut::requests) return;
    } else if (strikes(Fault::store_unavailable)) {
      // Refused at the door, or given up by the server half-way (a serialisation failure, a deadlock): surely not done.
      break_after_ = below(6);
      if (break_after_ == 0) return after(link(), [](Request& self) { self.give(Errc::unavailable); });
    } else if (strikes(Fault::store_lost)) {
      wait_until(patience);
      deaf_ = true;
      break_as_ = TransactionEnd::cut;
      break_after_ = below(8);
      if (break_after_ == 0) return;
    } else if (strikes(Fault::store_unheard)) {
      wait_until(patience);
      deaf_ = true;
    }
    Duration way = link();
    if (strikes(Fault::store_slow)) {
      wait_until(patience);
      way += draws().delay(Stream::store, std::chrono::milliseconds(50), std::chrono::seconds(8));
    }
    after(way, [](Request& self) { self.arrive(); });
  }

 private:
  Draws& draws() { return store_.kernel().draws; }
  int below(std::uint64_t bound) { return static_cast<int>(draws().below(Stream::store, bound)); }
  bool strikes(Fault fault) {
    return store_.kernel().strength(fault) > 0 && store_.kernel().strikes(fault, Stream::store);
  }
  Duration link() {
    const StoreSettings& settings = store_.settings();
    return draws().delay(Stream::store, settings.link_min, settings.link_max);
  }
  template <class Body>
  void after(Duration delay, Body body) {
    Scheduler& scheduler = store_.kernel().scheduler;
    scheduler.after(scheduler.world(), delay, "store link", [self = shared_from_this(), body] { body(*self); });
  }

  /// The client gives up when its patience ends, or sooner, where it sees its connection break.
  void wait_until(Duration patience) {
    const auto seen = draws().below(Stream::store, 2) == 0 ? draws().delay(Stream::store, link(), patience) : patience;
    after(std::min(seen, patience), [](Request& self) { self.give(Errc::outcome_unknown); });
  }

  /// A fail-over breaks all connections. New ones hear of what generation the store is before they carry anything.
  void arrive() {
    const StoreInfo now = store_.info();
    if (store_.is_up() && met_->generation != now.generation) {
      *met_ = now;
      return ended(TransactionEnd::cut);
    }
    store_.begin(
        transaction_, [self = shared_from_this()](TransactionEnd end) { self->ended(end); }, break_after_, break_as_);
  }

  void ended(TransactionEnd end) {
    if (end == TransactionEnd::committed && deaf_ && transaction_->writes()) {
      store_.kernel().saw(Sometimes::commit_unknown);
    }
    if (deaf_) return;
    end_ = end;
    after(link(), [](Request& self) {
      switch (self.end_) {
        case TransactionEnd::committed:
          return self.answer_.give({});
        case TransactionEnd::failed:
          return self.give(Errc::unavailable);
        case TransactionEnd::cut:
          return self.give(Errc::outcome_unknown);
      }
    });
  }

  void give(Errc code) {
    if (code == Errc::outcome_unknown && !writes_) code = Errc::unavailable;
    answer_.give(fail(
        code, code == Errc::unavailable ? "The database cannot be reached." : "The connection to the database broke."));
  }

  SimStore& store_;
  const std::shared_ptr<StoreInfo> met_;
  std::shared_ptr<Transaction> transaction_;
  const bool writes_;
  const Cut cut_;
  const Answer<Result<void>> answer_;
  bool deaf_ = false;  ///< the client hears nothing of what the server says
  int break_after_ = 0;
  TransactionEnd break_as_ = TransactionEnd::failed;
  TransactionEnd end_ = TransactionEnd::committed;
};

}  // namespace

Cut NodeStore::cut_of(Kind kind) const {
  const Cut store = links_.state(Service::store);
  return store == Cut::none && kind == Kind::ownership ? links_.state(Service::ownership) : store;
}

Task<Result<void>> NodeStore::perform(std::shared_ptr<Transaction> transaction, Kind kind, Deadline deadline) {
  const bool writes = kind != Kind::read;
  const Errc unheard = writes ? Errc::outcome_unknown : Errc::unavailable;
  const Duration patience = std::max<Duration>(deadline.at - clock_.steady_now(), std::chrono::milliseconds(1));
  co_return co_await ask<Result<void>>(
      node_, fail(unheard, "The connection to the database is gone."), [&](Answer<Result<void>> answer) {
        std::make_shared<Request>(store_, met_, std::move(transaction), writes, cut_of(kind), std::move(answer))->start(patience);
      });
}

template <class T, class Read>
Task<Result<T>> NodeStore::read(Read read, Deadline deadline) {
  // The server may get to it when nobody waits for it any more.
  auto found = std::make_shared<std::optional<Result<T>>>();
  auto body = [found, read = std::move(read)](Database& database) { found->emplace(read(database.data)); };
  CO_TRY_VOID(co_await perform(std::make_shared<Query<decltype(body)>>(std::move(body)), Kind::read, deadline));
  co_return **std::move(found);
}

StoreInfo NodeStore::info() const {
  StoreInfo info = *met_;
  info.feature_level = std::min(info.feature_level, knows_);
  return info;
}

Result<std::vector<RecordedEvent>> NodeStore::as_read(Result<std::vector<RecordedEvent>> events) const {
  if (!events || knows_ >= newest_feature_level || EDDA_PLANTED(later_events_not_refused)) return events;
  // A type that nobody knows stands for whatever this release does not know.
  for (auto& event : *events)
    if (feature_level_of(event.type, event.data) > knows_) event.type += "OfLater";
  return events;
}

Task<Result<std::vector<TurnOutcome>>> NodeStore::append(const std::vector<Turn>& batch, Deadline deadline) {
  auto transaction =
      std::make_shared<AppendTransaction>(std::make_shared<std::vector<Turn>>(batch), store_.info().shards, knows_);
  CO_TRY_VOID(co_await perform(transaction, Kind::write, deadline));
  co_return transaction->outcomes();
}

Task<Result<std::vector<RecordedEvent>>> NodeStore::read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                                Deadline deadline) {
  co_return as_read(co_await read<std::vector<RecordedEvent>>(
      [=](const StoreData& data) { return sim::read_stream(data, stream, after, limit); }, deadline));
}

Task<Result<std::vector<RecordedEvent>>> NodeStore::read_shard(ShardId shard, Position after, std::size_t limit,
                                                               Deadline deadline) {
  co_return as_read(co_await read<std::vector<RecordedEvent>>(
      [=](const StoreData& data) { return sim::read_shard(data, shard, after, limit); }, deadline));
}

Task<Result<EventStore::Backwards>> NodeStore::read_shard_backwards(ShardId shard, Position before,
                                                                    std::optional<std::string> type, std::size_t limit,
                                                                    std::size_t scan_limit, Deadline deadline) {
  co_return co_await read<Backwards>(
      [=](const StoreData& data) { return sim::read_shard_backwards(data, shard, before, type, limit, scan_limit); },
      deadline);
}

Task<Result<std::vector<Position>>> NodeStore::last_positions(Deadline deadline) {
  auto seen = std::make_shared<StoreInfo>(*met_);
  auto positions = co_await read<std::vector<Position>>(
      [seen](const StoreData& data) {
        seen->generation = data.generation;
        seen->feature_level = data.feature_level;
        std::vector<Position> ends;
        for (const ShardState& shard : data.shards) ends.push_back(shard.last());
        return ends;
      },
      deadline);
  if (positions) *met_ = *seen;
  co_return positions;
}

Task<Result<std::optional<StoredKey>>> NodeStore::find_key(Digest128 key, Deadline deadline) {
  co_return co_await read<std::optional<StoredKey>>(
      [=](const StoreData& data) {
        const KeyRow* row = data.key_of(key);
        return row == nullptr ? std::nullopt : std::optional(row->stored);
      },
      deadline);
}

Task<Result<std::optional<ProductRow>>> NodeStore::product_row(ProductId id, Deadline deadline) {
  CO_TRY(auto record, co_await find_product(id, deadline));
  if (!record) co_return std::nullopt;
  co_return std::move(record->row);
}

Task<Result<TakeOver>> NodeStore::take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch,
                                            Deadline deadline) {
  auto transaction = std::make_shared<TakeOverTransaction>(shard, std::move(node), if_epoch);
  CO_TRY_VOID(co_await perform(transaction, Kind::ownership, deadline));
  if (transaction->answer())
    store_.kernel().saw(Sometimes::take_over);
  else if (transaction->answer().error().code == Errc::version_conflict)
    store_.kernel().saw(Sometimes::take_over_lost);
  co_return transaction->answer();
}

Task<Result<std::optional<OrderRecord>>> NodeStore::find_order(OrderId id, Deadline deadline) {
  co_return co_await read<std::optional<OrderRecord>>([=](const StoreData& data) { return sim::find_order(data, id); },
                                                      deadline);
}

Task<Result<std::optional<PaymentRecord>>> NodeStore::find_payment(PaymentId id, Deadline deadline) {
  co_return co_await read<std::optional<PaymentRecord>>(
      [=](const StoreData& data) -> std::optional<PaymentRecord> {
        const auto found = data.payments.find(id.value);
        return found == data.payments.end() ? std::nullopt : std::optional(found->second);
      },
      deadline);
}

Task<Result<std::optional<SagaRecord>>> NodeStore::find_saga(SagaId id, Deadline deadline) {
  co_return co_await read<std::optional<SagaRecord>>(
      [=](const StoreData& data) -> std::optional<SagaRecord> {
        const auto found = data.sagas.find(id.value);
        return found == data.sagas.end() ? std::nullopt : std::optional(found->second);
      },
      deadline);
}

Task<Result<std::optional<ProductRecord>>> NodeStore::find_product(ProductId id, Deadline deadline) {
  co_return co_await read<std::optional<ProductRecord>>(
      [=](const StoreData& data) -> std::optional<ProductRecord> {
        const auto found = data.products.find(id.value);
        return found == data.products.end() ? std::nullopt : std::optional(found->second);
      },
      deadline);
}

Task<Result<ListPage<OrderRecord>>> NodeStore::list_orders(OrderFilter filter, ListWindow window, Deadline deadline) {
  co_return co_await read<ListPage<OrderRecord>>(
      [=](const StoreData& data) { return sim::list_orders(data, filter, window); }, deadline);
}

Task<Result<ListPage<PaymentRecord>>> NodeStore::list_payments(PaymentFilter filter, ListWindow window,
                                                               Deadline deadline) {
  co_return co_await read<ListPage<PaymentRecord>>(
      [=](const StoreData& data) { return sim::list_payments(data, filter, window); }, deadline);
}

Task<Result<ListPage<SagaRecord>>> NodeStore::list_sagas(SagaFilter filter, ListWindow window, Deadline deadline) {
  co_return co_await read<ListPage<SagaRecord>>(
      [=](const StoreData& data) { return sim::list_sagas(data, filter, window); }, deadline);
}

Task<Result<ListPage<ProductRecord>>> NodeStore::list_products(ProductFilter filter, ListWindow window,
                                                               Deadline deadline) {
  co_return co_await read<ListPage<ProductRecord>>(
      [=](const StoreData& data) { return sim::list_products(data, filter, window); }, deadline);
}

Task<Result<Totals>> NodeStore::totals(Deadline deadline) {
  co_return co_await read<Totals>([](const StoreData& data) { return sim::totals(data); }, deadline);
}

Task<Result<Position>> NodeStore::read_cursor(std::string reader, ShardId shard, Deadline deadline) {
  co_return co_await read<Position>(
      [=](const StoreData& data) {
        const auto found = data.cursors.find({shard, reader});
        return found == data.cursors.end() ? Position{} : found->second.position;
      },
      deadline);
}

Task<Result<void>> NodeStore::move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position,
                                          Deadline deadline) {
  auto transaction = std::make_shared<MoveCursorTransaction>(std::move(reader), shard, epoch, position);
  CO_TRY_VOID(co_await perform(transaction, Kind::write, deadline));
  if (!transaction->answer() && transaction->answer().error().reason == "fenced") {
    store_.kernel().saw(Sometimes::cursor_fenced);
  }
  co_return transaction->answer();
}

Task<Result<ClusterView>> NodeStore::beat(NodeProcess self, std::chrono::milliseconds lease, Deadline deadline) {
  auto transaction = std::make_shared<BeatTransaction>(std::move(self), lease);
  CO_TRY_VOID(co_await perform(transaction, Kind::ownership, deadline));
  co_return transaction->answer();
}

Task<Result<void>> NodeStore::release(ShardId shard, Epoch epoch, Deadline deadline) {
  auto transaction = std::make_shared<ReleaseTransaction>(shard, epoch);
  CO_TRY_VOID(co_await perform(transaction, Kind::ownership, deadline));
  co_return transaction->answer();
}

Task<Result<void>> NodeStore::leave(NodeProcess self, Deadline deadline) {
  co_return co_await perform(std::make_shared<LeaveTransaction>(std::move(self)), Kind::ownership, deadline);
}

}  // namespace edda::sim
