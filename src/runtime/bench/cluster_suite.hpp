#pragma once

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "bench/options.hpp"

namespace edda::bench {

/// Measures three nodes behind nginx with PostgreSQL, Kafka and Redis on this machine, and in turns with them PostgreSQL alone (pgbench), so
/// that a noisy neighbour meets both. Starts all of it and ends it, or uses a cluster that is up, of which it ends nodes and starts them again.
/// Says on stderr what it is doing. Errors: unavailable.
Result<boost::json::object> run_cluster(const Options& options);

}  // namespace edda::bench
