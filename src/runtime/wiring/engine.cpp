#include "wiring/engine.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "wiring/metrics_of.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {
namespace {

// Between two looks at whether the first share has been taken.
constexpr std::chrono::milliseconds look_again{2};
constexpr std::chrono::milliseconds late_deadline{10'000};

std::unique_ptr<owner::Publisher> make_publisher(Foundation& base, Storage& storage, EventSink* sink,
                                                 const owner::PublisherSettings& settings) {
  if (sink == nullptr) return nullptr;
  return std::make_unique<owner::Publisher>(base.io.get_executor(), storage.events, storage.cursors, *sink, base.clock, base.log,
                                            settings);
}

std::unique_ptr<tracing::TracedSink> trace(EventSink* sink, tracing::Tracer* tracer) {
  return sink != nullptr && tracer != nullptr ? std::make_unique<tracing::TracedSink>(*sink, *tracer) : nullptr;
}

}  // namespace

Engine::Engine(Foundation& the_base, Storage& the_storage, PaymentGateway& gateway, Transports& the_transports)
    : base(the_base),
      storage(the_storage),
      transports(the_transports),
      product_watch(base.io.get_executor(), tracked, storage.views, base.clock),
      epochs(storage.events.info().shards),
      traced_gateway(gateway, base.tracer()),
      gateway_steps(traced_gateway, &base.clock),
      stock_steps(storage.events),
      own_steps(gateway_steps, stock_steps),
      worker_steps(transports.workers() != nullptr ? *transports.workers() : own_steps, base.tracer(), {SpanKind::producer, "saga-steps"}),
      steps(transports.steps_of_workers(), worker_steps, own_steps),
      attempts(steps, base.tracer()),
      dispatcher(base.io.get_executor(), storage.events, attempts, epochs, base.clock, base.random, base.log,
                 dispatcher_settings(base.config(), storage.is_shared, base.metrics, base.tracer())),
      home(storage.events.info().shards),
      traced_sink(trace(transports.sink(), base.tracer())),
      publisher(make_publisher(the_base, the_storage, traced_sink ? traced_sink.get() : transports.sink(), publisher_settings)),
      keeper(base.io.get_executor(), storage.events, storage.ownership, base.clock, base.log, shard_users(),
             keeper_settings(base.config(), base.random.uuid_v7(base.clock.now()), storage.is_shared)),
      lanes(storage.is_shared ? base.config().lanes.count : 1, storage.lanes, storage.events, epochs, base.clock, base.random,
            lane_settings(base.config(), storage.is_shared, lane_meters(base.metrics), base.tracer()),
            [this](std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) { on_commit(std::move(turns)); }),
      background_(base.io.get_executor()) {
  dispatcher.connect(lanes);
  stock_steps.connect(lanes);
  const auto lost = [this](ShardId shard, Epoch epoch, owner::ShardLoss why) { keeper.lost(shard, epoch, why); };
  dispatcher.on_lost(lost);
  if (publisher) publisher->on_lost(lost);
  dispatcher.on_ends([this](const std::vector<Position>& ends) { on_ends(ends); });
  transports.on_late([this](OrderId order, turn::AnswerStep answer) { background_.spawn(bring_late(order, std::move(answer))); });
}

std::vector<owner::ShardUser*> Engine::shard_users() {
  std::vector<owner::ShardUser*> users{&dispatcher, &home};
  if (publisher) users.push_back(publisher.get());
  return users;
}

void Engine::on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
  tracked.on_commit(*turns);
  tell_others(*turns);
  if (base.options.serve) {
    if (publisher) publisher->on_commit(turns);
    dispatcher.on_commit(std::move(turns));
  }
  commits.notify();
}

void Engine::tell_others(const std::vector<lanes::CommittedTurn>& turns) {
  if (storage.news == nullptr) return;
  for (const auto& turn : turns) storage.news->tell(turn.turn->shard, turn.last());
}

/// On a thread of the store's.
void Engine::on_news(ShardId shard, Position end) {
  commits.notify();
  boost::asio::post(base.io, [this, shard, end] {
    if (publisher) publisher->notice(shard, end);
    dispatcher.notice(shard, end);
  });
}

/// Whoever owns the order's shard stores it; all nodes hear it.
Task<void> Engine::bring_late(OrderId order, turn::AnswerStep answer) {
  if (!dispatcher.owns(shard_of(order.value, storage.events.info().shards))) co_return;
  static_cast<void>(co_await dispatcher.deliver(order, std::move(answer), base.clock.deadline_in(late_deadline)));
}

/// What other nodes commit is published and followed here too.
void Engine::on_ends(const std::vector<Position>& ends) {
  if (publisher) publisher->notice(ends);
  if (ends == ends_) return;
  ends_ = ends;
  commits.notify();
}

Task<Result<void>> Engine::start() {
  const Deadline deadline = base.soon();
  CO_TRY_VOID(co_await tracked.load(storage.views, deadline));
  if (!base.options.serve) co_return Result<void>{};
  keeper.start();
  // Other nodes act for what this one has not taken yet; /readyz says when it has.
  if (storage.is_shared) {
    CO_TRY_VOID(co_await register_node());
    product_watch.start();
    if (storage.news != nullptr) storage.news->start([this](ShardId shard, Position end) { on_news(shard, end); });
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

/// A process that was killed keeps the node's id until its lease has run out.
Task<Result<void>> Engine::register_node() {
  while (!keeper.is_registered()) {
    if (const auto displaced = keeper.displaced()) co_return std::unexpected(*displaced);
    if (base.patience.given_up()) co_return fail(Errc::cancelled, "told to stop while the node's id was another process's");
    co_await base.clock.sleep_until(base.clock.steady_now() + look_again);
  }
  co_return Result<void>{};
}

Task<void> Engine::stop_owning() {
  background_.close();
  background_.cancel();
  co_await background_.join();
  co_await product_watch.stop();
  if (base.options.serve) co_await keeper.stop();
  if (publisher) co_await publisher->stop();
  transports.stop();
  co_await dispatcher.stop();
  if (storage.news != nullptr) co_await storage.news->stop();
}

Task<void> Engine::stop_deciding() { co_await lanes.stop(); }

http::Component Engine::lanes_health() const { return {"lanes", http::Component::Status::up, {}}; }

http::Component Engine::owner_health() {
  using Status = http::Component::Status;
  if (!base.options.serve) return {"dispatcher", Status::not_configured, "acts for no shard"};
  if (keeper.displaced()) return {"dispatcher", Status::down, keeper.displaced()->message};
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
