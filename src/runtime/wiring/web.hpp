#pragma once

#include <memory>
#include <optional>

#include "http/routes/operations.hpp"
#include "http/routes/webhooks.hpp"
#include "orders/order_service.hpp"
#include "owner/answer_delivery.hpp"
#include "products/product_service.hpp"
#include "wiring/charging.hpp"
#include "wiring/engine.hpp"
#include "wiring/filters.hpp"
#include "wiring/identity.hpp"

namespace edda::wiring {

/// What requests come to: the services, the routes over them, the server.
struct Web {
  struct Parts {
    Foundation& base;
    Storage& storage;
    Charging& charging;
    Filters& filters;
    Engine& engine;
    Identity& identity;
    http::Lifecycle& lifecycle;
  };
  explicit Web(Parts parts);

  Task<void> stop_tasks();

  products::ProductService products;
  orders::OrderService orders;
  operators::OperatorService operators;
  operators::BatchService batches;
  operators::FeatureLevelService levels;
  operators::LogLevelService log_level;
  queries::EventFeed feed;
  maintenance::TaskRegistry tasks;
  owner::AnswerDelivery delivery;
  std::optional<http::Webhooks> webhooks;
  http::Router router;
  http::Api api;
  http::Operations operations;

 private:
  http::Operations operations_of(Parts& parts);
  void add_routes(Parts& parts);
};

}  // namespace edda::wiring
