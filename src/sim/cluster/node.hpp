#pragma once

#include <memory>
#include <string>

#include "cluster/node_ports.hpp"
#include "lanes/lane.hpp"
#include "operators/operator_service.hpp"
#include "orders/order_service.hpp"
#include "owner/answer_delivery.hpp"
#include "owner/dispatcher.hpp"
#include "owner/gateway_executor.hpp"
#include "owner/publisher.hpp"
#include "owner/shard_keeper.hpp"
#include "owner/step_router.hpp"
#include "owner/stock_executor.hpp"
#include "products/product_service.hpp"
#include "products/product_watch.hpp"
#include "products/tracked_products.hpp"
#include "world/feed.hpp"
#include "world/gateway.hpp"
#include "world/node_store.hpp"
#include "world/transport.hpp"

namespace edda::sim {

/// What nodes stand in.
struct Surroundings {
  Kernel& kernel;
  SimStore& store;
  Gateway& gateway;
  Feed& feed;
  orders::OrderPolicy policy;
};

/// Sees which shards a node takes and what was going on in them.
class TakeOverWatch final : public owner::ShardUser {
 public:
  TakeOverWatch(Kernel& kernel, Actor& node) : kernel_(kernel), node_(node) {}
  void take(ShardId shard, const TakeOver& taken) override;
  void drop(ShardId shard) override;

 private:
  Kernel& kernel_;
  Actor& node_;
};

/// One life of a node, from a start to its crash or its orderly stop: the real application over simulated ports.
/// Lifetime: until `has_ended`; a crashed life winds up with its ports cut off.
class Life {
 public:
  Life(Surroundings around, Actor& actor, std::string node, const Links& links, int knows, ClockFault clocks, std::uint32_t random);

  void start();
  /// SIGTERM: refuses new work, hands over, ends.
  void stop();
  /// SIGKILL: cut off at this instant; whatever it does from here on changes nothing.
  void crash();

  /// A request that is being served: the life lasts as long.
  class Visit {
   public:
    explicit Visit(Life& life) : life_(life) { ++life_.visits_; }
    ~Visit() { --life_.visits_; }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Life& life_;
  };

  bool has_ended() const { return ended_; }
  bool awaits_answers() const { return transport_.under_way() > 0; }
  bool is_serving() const { return !stopping_; }
  Actor& actor() { return actor_; }
  orders::OrderService& orders() { return orders_; }
  products::ProductService& products() { return products_; }
  operators::OperatorService& operators() { return operators_; }
  owner::AnswerDelivery& answers() { return answers_; }
  EventStore& log() { return store_; }
  ReadModels& views() { return store_; }
  SimClock& clock() { return clock_; }

 private:
  void bring_late(const StepRequest& request, const GatewayAnswer& answer);
  Task<void> deliver(OrderId order, turn::AnswerStep answer);
  Task<void> wind_up();

  Surroundings around_;
  Actor& actor_;
  SimClock clock_;
  SimRandom random_;
  SimLog log_;
  NodeStore store_;
  GatewayPort gateway_;
  FeedPort feed_;
  owner::GatewayExecutor gateway_steps_;
  owner::StockExecutor stock_steps_;
  owner::StepRouter steps_;
  Transport transport_;
  lanes::Epochs epochs_;
  owner::Dispatcher dispatcher_;
  owner::Publisher publisher_;
  TakeOverWatch take_overs_;
  owner::ShardKeeper keeper_;
  lanes::Lane lane_;
  products::TrackedProducts tracked_;
  products::ProductWatch product_watch_;
  products::ProductService products_;
  orders::OrderService orders_;
  operators::OperatorService operators_;
  owner::AnswerDelivery answers_;
  int visits_ = 0;
  bool stopping_ = false;
  bool ended_ = false;
};

/// One machine of the cluster: lives follow one another on it.
class Node {
 public:
  Node(Surroundings around, std::string name) : around_(around), name_(std::move(name)) {}

  /// The next lives are of a release that knows this feature level and no later one, until the store's has been raised: it refuses to start
  /// then, and the present release is installed.
  void install(int knows) { knows_ = knows; }
  bool is_outdated() const { return knows_ < newest_feature_level; }

  void start(ClockFault clocks);
  void crash();
  void stop();

  /// The present life, serving; nullptr while the node is down.
  Life* life() { return life_ && life_->is_serving() ? life_.get() : nullptr; }
  const std::string& name() const { return name_; }
  Links& links() { return links_; }
  /// All lives have ended.
  bool is_quiet() const;
  /// An earlier life has not ended: it may yet write what it had begun.
  bool has_past() const;
  /// Whatever of it is paused goes on, the earlier lives too.
  void resume();
  /// Steps are under way whose answers come late.
  bool awaits_answers() const { return life_ && life_->awaits_answers(); }

 private:
  void bury();

  Surroundings around_;
  const std::string name_;
  Links links_;
  int knows_ = newest_feature_level;
  std::uint32_t lives_ = 0;
  std::unique_ptr<Life> life_;
  std::vector<std::unique_ptr<Life>> past_;  ///< winding up
};

}  // namespace edda::sim
