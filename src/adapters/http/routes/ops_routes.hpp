#pragma once

#include <string>

#include "http/router.hpp"
#include "http/routes/operations.hpp"

/// Probes, metrics and documentation: open to anybody who reaches the server (metrics: from the node's network only).
namespace edda::http::ops {

void add(Router& router, std::string path, std::string name, http::Handler handler,
         std::string produces = "application/json");

void add_probe_routes(Router& router, Api& api);
void add_metrics_routes(Router& router, metrics::Registry& metrics);
void add_docs_routes(Router& router);

}  // namespace edda::http::ops

namespace edda::http {

/// Of a server that waits for what it cannot start without: it is alive and not ready, and every other route is answered 503.
void add_starting_routes(Router& router);

}  // namespace edda::http
