#pragma once

#include <functional>

#include "http/routes/api.hpp"
#include "owner/cluster_status.hpp"

namespace edda::http {

using LookAtCluster = std::function<Task<Result<owner::ClusterStatus>>(Deadline)>;

/// /v1/nodes and /v1/shards, for operators. Lifetime: everything referred to outlives the router.
void add_cluster_routes(Router& router, Api& api, LookAtCluster look);

}  // namespace edda::http
