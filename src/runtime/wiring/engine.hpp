#pragma once

#include <memory>

#include "async/task_group.hpp"
#include "http/routes/api.hpp"
#include "lanes/lane_group.hpp"
#include "owner/commit_signal.hpp"
#include "owner/dispatcher.hpp"
#include "owner/gateway_executor.hpp"
#include "owner/home_shards.hpp"
#include "owner/publisher.hpp"
#include "owner/shard_keeper.hpp"
#include "owner/step_router.hpp"
#include "owner/stock_executor.hpp"
#include "owner/worker_routes.hpp"
#include "products/product_watch.hpp"
#include "tracing/traced_gateway.hpp"
#include "tracing/traced_sink.hpp"
#include "tracing/traced_steps.hpp"
#include "wiring/storage.hpp"
#include "wiring/transports.hpp"

namespace edda::wiring {

/// What decides and acts: the lanes that turn commands into stored turns, and the owner of this node's shards.
struct Engine {
  Engine(Foundation& base, Storage& storage, PaymentGateway& gateway, Transports& transports);

  /// Takes this node's share of the shards. Errors: what kept it from doing so.
  Task<Result<void>> start();
  /// Hands the shards over, and ends all steps.
  Task<void> stop_owning();
  /// Commits what waits; refuses the rest.
  Task<void> stop_deciding();

  /// The cursor of what publishes the log; empty where nothing does.
  std::string reader() const { return publisher ? publisher_settings.reader : std::string(); }
  http::Component lanes_health() const;
  http::Component owner_health();

  const owner::PublisherSettings publisher_settings = {};
  Foundation& base;
  Storage& storage;
  Transports& transports;
  owner::CommitSignal commits;
  products::TrackedProducts tracked;
  products::ProductWatch product_watch;
  lanes::Epochs epochs;
  tracing::TracedGateway traced_gateway;
  owner::GatewayExecutor gateway_steps;
  owner::StockExecutor stock_steps;
  owner::StepRouter own_steps;
  tracing::TracedSteps worker_steps;
  owner::WorkerRoutes steps;
  tracing::TracedSteps attempts;
  owner::Dispatcher dispatcher;
  owner::HomeShards home;
  std::unique_ptr<tracing::TracedSink> traced_sink;  ///< null: not traced, or nothing is published
  std::unique_ptr<owner::Publisher> publisher;  ///< null: nothing is published
  owner::ShardKeeper keeper;
  lanes::LaneGroup lanes;

 private:
  Task<Result<void>> register_node();
  std::vector<owner::ShardUser*> shard_users();
  void on_commit(std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns);
  void on_ends(const std::vector<Position>& ends);
  void on_news(ShardId shard, Position end);
  void tell_others(const std::vector<lanes::CommittedTurn>& turns);
  Task<void> bring_late(OrderId order, turn::AnswerStep answer);

  bool was_ready_ = false;
  std::vector<Position> ends_;
  TaskGroup background_;
};

}  // namespace edda::wiring
