#include "wiring/engine.hpp"

#include <fmt/format.h>

#include "wiring/settings_of.hpp"

namespace edda::wiring {
namespace {

// Between two looks at whether the first share has been taken.
constexpr std::chrono::milliseconds look_again{2};
constexpr std::chrono::milliseconds products_again{2'000};

std::unique_ptr<owner::Publisher> make_publisher(Foundation& base, Storage& storage, EventSink* sink,
                                                 const owner::PublisherSettings& settings) {
  if (sink == nullptr) return nullptr;
  return std::make_unique<owner::Publisher>(base.io.get_executor(), storage.events, storage.cursors, *sink, base.clock, base.log,
                                            settings);
}

}  // namespace

Engine::Engine(Foundation& the_base, Storage& the_storage, PaymentGateway& gateway, EventSink* sink, StepExecutor* charges)
    : base(the_base),
      storage(the_storage),
      epochs(storage.events.info().shards),
      gateway_steps(gateway, &base.clock),
      stock_steps(storage.events),
      steps(gateway_steps, stock_steps, charges),
      dispatcher(base.io.get_executor(), storage.events, steps, epochs, base.clock, base.random, base.log,
                 dispatcher_settings(base.config(), storage.is_shared)),
      home(storage.events.info().shards),
      publisher(make_publisher(the_base, the_storage, sink, publisher_settings)),
      keeper(base.io.get_executor(), storage.events, storage.ownership, base.clock, base.log, shard_users(),
             keeper_settings(base.config(), storage.is_shared)),
      lanes(storage.is_shared ? base.config().lanes.count : 1, storage.lanes, storage.events, epochs, base.clock, base.random,
            lane_settings(base.config(), storage.is_shared),
            [this](std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) { on_commit(std::move(turns)); }),
      background_(base.io.get_executor()) {
  dispatcher.connect(lanes);
  stock_steps.connect(lanes);
  const auto lost = [this](ShardId shard, Epoch epoch, owner::ShardLoss why) { keeper.lost(shard, epoch, why); };
  dispatcher.on_lost(lost);
  if (publisher) publisher->on_lost(lost);
  dispatcher.on_ends([this](const std::vector<Position>& ends) { on_ends(ends); });
}

std::vector<owner::ShardUser*> Engine::shard_users() {
  std::vector<owner::ShardUser*> users{&dispatcher, &home};
  if (publisher) users.push_back(publisher.get());
  return users;
}

void Engine::on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
  tracked.on_commit(*turns);
  if (base.options.serve) {
    if (publisher) publisher->on_commit(turns);
    dispatcher.on_commit(std::move(turns));
  }
  commits.notify();
}

/// What other nodes commit is published and followed here too.
void Engine::on_ends(const std::vector<Position>& ends) {
  if (publisher) publisher->notice(ends);
  if (ends == ends_) return;
  ends_ = ends;
  commits.notify();
}

/// Which products are tracked may be changed at any node.
Task<void> Engine::follow_products() {
  while (!background_.closed()) {
    co_await base.clock.sleep_until(base.clock.steady_now() + products_again);
    static_cast<void>(co_await tracked.load(storage.views, base.clock.deadline_in(products_again)));
  }
}

Task<Result<void>> Engine::start() {
  const Deadline deadline = base.soon();
  CO_TRY_VOID(co_await tracked.load(storage.views, deadline));
  if (!base.options.serve) co_return Result<void>{};
  keeper.start();
  // Other nodes act for what this one has not taken yet; /readyz says when it has.
  if (storage.is_shared) {
    background_.spawn(follow_products());
    co_return Result<void>{};
  }
  while (!keeper.has_joined()) {
    const auto& trouble = keeper.trouble();
    const bool hopeless = trouble && !is_retryable(trouble->code);
    if (hopeless || base.clock.steady_now() > deadline.at)
      co_return trouble ? std::unexpected(*trouble) : fail(Errc::unavailable, "no shard could be taken in time");
    co_await base.clock.sleep_until(base.clock.steady_now() + look_again);
  }
  co_return Result<void>{};
}

Task<void> Engine::stop_owning() {
  background_.close();
  background_.cancel();
  co_await background_.join();
  if (base.options.serve) co_await keeper.stop();
  if (publisher) co_await publisher->stop();
  co_await dispatcher.stop();
}

Task<void> Engine::stop_deciding() { co_await lanes.stop(); }

http::Component Engine::lanes_health() const { return {"lanes", http::Component::Status::up, {}}; }

http::Component Engine::owner_health() {
  using Status = http::Component::Status;
  if (!base.options.serve) return {"dispatcher", Status::not_configured, "acts for no shard"};
  if (!keeper.has_joined()) return {"dispatcher", Status::down, "takes its shards"};
  const auto owned = dispatcher.stats();
  const auto shards = fmt::format("{} of {} shards", owned.shards, storage.events.info().shards);
  // Once it has been ready it stays so: while it takes over what a dead node left, it still serves.
  was_ready_ = was_ready_ || dispatcher.ready();
  if (!was_ready_) return {"dispatcher", Status::down, fmt::format("reads the live orders of {}", shards)};
  if (keeper.trouble()) return {"dispatcher", Status::degraded, fmt::format("{}; {}", shards, keeper.trouble()->message)};
  return {"dispatcher", dispatcher.ready() ? Status::up : Status::degraded, shards};
}

}  // namespace edda::wiring
