#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/routes/api.hpp"
#include "maintenance/task_registry.hpp"
#include "metrics/registry.hpp"
#include "operators/batch_service.hpp"
#include "operators/feature_level_service.hpp"
#include "operators/log_level_service.hpp"
#include "ports/log.hpp"
#include "queries/event_feed.hpp"

namespace edda::http {

/// One thing that must be well before requests may come.
struct ReadyCheck {
  std::string name;  ///< "store", "lanes", "dispatcher", "accepting"
  bool ok = true;
  std::string detail = {};
};

struct Webhooks;

/// What /v1 and the operations routes need besides the Api. Lifetime: everything referred to outlives the router.
struct Operations {
  queries::EventFeed& feed;
  maintenance::TaskRegistry& tasks;
  operators::BatchService& batches;
  operators::FeatureLevelService& levels;
  operators::LogLevelService& log_level;
  metrics::Registry& metrics;
  maintenance::BackgroundWork rebuild;         ///< gives a RebuildResult of the API as JSON
  maintenance::BackgroundWork verify;          ///< gives a VerifyResult of the API as JSON
  maintenance::BackgroundWork check_sagas;     ///< gives a SagaCheckResult of the API as JSON
  maintenance::BackgroundWork backup;          ///< gives a BackupResult of the API as JSON; null: the store is not this process's to copy
  std::function<std::string()> render_config;  ///< the Config of the API as JSON, secrets hidden
  Webhooks* webhooks = nullptr;                ///< null: none are taken
  std::size_t streams_max = 256;               ///< event streams open at once; a further one is answered 503
  std::size_t streams_open = 0;                ///< kept by the routes
};

/// Everything under /v1.
void add_v1_routes(Router& router, Api& api, Operations& operations);
/// /livez, /readyz, /metrics, /version, the OpenAPI document and Swagger UI.
void add_ops_routes(Router& router, Api& api, Operations& operations);
/// Counts requests by route, method and status, and how long they took; logs those that failed by a fault of ours, and at debug
/// all of them.
void observe_requests(Router& router, metrics::Registry& metrics, Log& log);

}  // namespace edda::http
