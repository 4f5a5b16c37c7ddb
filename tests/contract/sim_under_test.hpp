#pragma once

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "contract/event_store_contract.hpp"
#include "kernel/kernel.hpp"
#include "world/node_store.hpp"

namespace edda::test {

/// The clock of a node whose clock is right.
class SimNodeClock final : public Clock {
 public:
  explicit SimNodeClock(sim::Scheduler& scheduler) : scheduler_(scheduler) {}
  Timestamp now() override { return Timestamp{std::chrono::microseconds(0)}; }
  SteadyTime steady_now() override { return scheduler_.now(); }
  Task<void> sleep_until(SteadyTime) override { co_return; }

 private:
  sim::Scheduler& scheduler_;
};

/// A simulated world with one database, and one node that nothing happens to. Each call runs virtual time until it is
/// answered.
class SimWorld {
 public:
  explicit SimWorld(const sim::StoreSettings& settings, std::uint64_t seed = 1)
      : kernel(sim::Draws(seed), 0), store(kernel, settings), node(&kernel.scheduler.make_actor("node-a")) {}

  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    boost::asio::co_spawn(
        kernel.executor(*node), [&]() -> Task<void> { answer.emplace(co_await std::move(task)); },
        [](std::exception_ptr failed) {
          if (failed) std::rethrow_exception(failed);
        });
    kernel.scheduler.run_until(kernel.scheduler.now() + std::chrono::hours(1));
    return std::move(answer).value();
  }
  void let_pass(sim::Duration time) {
    kernel.scheduler.after(kernel.scheduler.world(), time, "test", [] {});
    kernel.scheduler.run_until(kernel.scheduler.now() + time);
  }
  Deadline soon() { return {kernel.scheduler.now() + std::chrono::seconds(10)}; }

  sim::Kernel kernel;
  sim::SimStore store;
  sim::Actor* node;
  SimNodeClock clock{kernel.scheduler};
  sim::NodeStore at_node{store, *node, clock};
};

/// The simulated store for callers outside of virtual time: each call is answered before it returns, and takes no time.
/// No faults.
class DrivenSimStore final : public EventStore, public ReadModels, public Cursors, public ShardOwnership {
 public:
  explicit DrivenSimStore(std::uint16_t shards) : world_(instant(shards)) {}

  void let_pass(sim::Duration time) { world_.let_pass(time); }

  StoreInfo info() const override { return world_.store.info(); }
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline) override {
    co_return world_.run(at().append(batch, world_.soon()));
  }
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline) override {
    co_return world_.run(at().read_stream(stream, after, limit, world_.soon()));
  }
  Task<Result<std::vector<RecordedEvent>>> read_shard(ShardId shard, Position after, std::size_t limit,
                                                      Deadline) override {
    co_return world_.run(at().read_shard(shard, after, limit, world_.soon()));
  }
  Task<Result<Backwards>> read_shard_backwards(ShardId shard, Position before, std::optional<std::string> type,
                                               std::size_t limit, std::size_t scan_limit, Deadline) override {
    co_return world_.run(at().read_shard_backwards(shard, before, std::move(type), limit, scan_limit, world_.soon()));
  }
  Task<Result<std::vector<Position>>> last_positions(Deadline) override {
    co_return world_.run(at().last_positions(world_.soon()));
  }
  Task<Result<std::optional<StoredKey>>> find_key(Digest128 key, Deadline) override {
    co_return world_.run(at().find_key(key, world_.soon()));
  }
  Task<Result<std::optional<ProductRow>>> product_row(ProductId id, Deadline) override {
    co_return world_.run(at().product_row(id, world_.soon()));
  }
  Task<Result<TakeOver>> take_over(ShardId shard, std::string node, std::optional<Epoch> if_epoch, Deadline) override {
    co_return world_.run(at().take_over(shard, std::move(node), if_epoch, world_.soon()));
  }

  Task<Result<std::optional<OrderRecord>>> find_order(OrderId id, Deadline) override {
    co_return world_.run(at().find_order(id, world_.soon()));
  }
  Task<Result<std::optional<PaymentRecord>>> find_payment(PaymentId id, Deadline) override {
    co_return world_.run(at().find_payment(id, world_.soon()));
  }
  Task<Result<std::optional<SagaRecord>>> find_saga(SagaId id, Deadline) override {
    co_return world_.run(at().find_saga(id, world_.soon()));
  }
  Task<Result<std::optional<ProductRecord>>> find_product(ProductId id, Deadline) override {
    co_return world_.run(at().find_product(id, world_.soon()));
  }
  Task<Result<ListPage<OrderRecord>>> list_orders(OrderFilter filter, ListWindow window, Deadline) override {
    co_return world_.run(at().list_orders(std::move(filter), window, world_.soon()));
  }
  Task<Result<ListPage<PaymentRecord>>> list_payments(PaymentFilter filter, ListWindow window, Deadline) override {
    co_return world_.run(at().list_payments(std::move(filter), window, world_.soon()));
  }
  Task<Result<ListPage<SagaRecord>>> list_sagas(SagaFilter filter, ListWindow window, Deadline) override {
    co_return world_.run(at().list_sagas(std::move(filter), window, world_.soon()));
  }
  Task<Result<ListPage<ProductRecord>>> list_products(ProductFilter filter, ListWindow window, Deadline) override {
    co_return world_.run(at().list_products(filter, window, world_.soon()));
  }
  Task<Result<Totals>> totals(Deadline) override { co_return world_.run(at().totals(world_.soon())); }

  Task<Result<Position>> read_cursor(std::string reader, ShardId shard, Deadline) override {
    co_return world_.run(at().read_cursor(std::move(reader), shard, world_.soon()));
  }
  Task<Result<void>> move_cursor(std::string reader, ShardId shard, Epoch epoch, Position position, Deadline) override {
    co_return world_.run(at().move_cursor(std::move(reader), shard, epoch, position, world_.soon()));
  }
  Task<Result<ClusterView>> beat(NodeProcess self, std::chrono::milliseconds lease, Deadline) override {
    co_return world_.run(at().beat(std::move(self), lease, world_.soon()));
  }
  Task<Result<void>> release(ShardId shard, Epoch epoch, Deadline) override {
    co_return world_.run(at().release(shard, epoch, world_.soon()));
  }
  Task<Result<void>> leave(NodeProcess self, Deadline) override {
    co_return world_.run(at().leave(std::move(self), world_.soon()));
  }

 private:
  static sim::StoreSettings instant(std::uint16_t shards) {
    constexpr sim::Duration none{0};
    sim::StoreSettings settings;
    settings.shards = shards;
    settings.link_min = settings.link_max = none;
    settings.statement_min = settings.statement_max = none;
    settings.commit_min = settings.commit_max = none;
    return settings;
  }
  sim::NodeStore& at() { return world_.at_node; }

  SimWorld world_;
};

/// It has no upkeep (rebuild, check of the log): the simulation's invariants look at its data themselves.
class SimUnderTest final : public StoreUnderTest {
 public:
  explicit SimUnderTest(std::uint16_t shards) : store_(shards) {}
  EventStore& log() override { return store_; }
  ReadModels& views() override { return store_; }
  ViewRebuild& rebuild() override { throw std::logic_error("the simulated store has no rebuild"); }
  StoreCheck& check() override { throw std::logic_error("the simulated store has no check"); }

 private:
  DrivenSimStore store_;
};

}  // namespace edda::test
