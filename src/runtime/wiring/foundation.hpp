#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "config/load.hpp"
#include "crypto/secret_random.hpp"
#include "metrics/registry.hpp"
#include "system/clock.hpp"
#include "system/json_log.hpp"
#include "system/random.hpp"
#include "telemetry/trace_export.hpp"
#include "wiring/application.hpp"
#include "wiring/patience.hpp"

namespace edda::wiring {

/// What every stage is built on. It is built first and destroyed last.
struct Foundation {
  Foundation(config::Loaded configuration, RunOptions run_options);

  const config::Config& config() const { return loaded.config; }
  /// A node waits for a store that other machines keep; a command of a person does not.
  bool waits_for_store() const { return options.serve && !config().database.host.empty(); }
  /// Null: no spans are made.
  tracing::Tracer* tracer() const { return traces ? &traces->tracer() : nullptr; }
  /// For everything that a start waits for.
  Deadline soon() { return clock.deadline_in(std::chrono::seconds(60)); }

  const config::Loaded loaded;
  const RunOptions options;
  boost::asio::io_context io{1};
  Patience patience{io};
  system::SystemClock clock;
  system::SystemRandom random;
  crypto::SodiumRandom secrets;
  system::JsonLog log;
  metrics::Registry metrics;
  std::unique_ptr<telemetry::TraceExport> traces;  ///< null: no spans are made
};

}  // namespace edda::wiring
