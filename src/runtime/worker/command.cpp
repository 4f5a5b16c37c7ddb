#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>

#include "gateway/http_gateway.hpp"
#include "kafka/step_worker.hpp"
#include "owner/gateway_executor.hpp"
#include "system/clock.hpp"
#include "system/json_log.hpp"
#include "system/random.hpp"
#include "tracing/traced_gateway.hpp"
#include "tracing/traced_steps.hpp"
#include "worker/options.hpp"
#include "worker/worker.hpp"

namespace edda::worker {
namespace {

namespace asio = boost::asio;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

int run_worker(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments, &variable);
  if (!options) return cli::say(options.error());
  const auto endpoint = gateway::parse_endpoint(options->gateway_url);
  if (!endpoint) {
    fmt::print(stderr, "edda worker: --gateway-url {}\n", endpoint.error().message);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  system::SystemClock clock;
  system::SystemRandom random;
  const std::string node = fmt::format("worker-{}", getpid());
  system::JsonLog log(stderr, LogLevel::info, node, clock);
  asio::io_context io(1);
  gateway::HttpGatewaySettings settings;
  settings.endpoint = *endpoint;
  settings.secret = options->gateway_secret;
  settings.timeout = options->kafka.step_timeout;
  settings.connections_max = std::min<std::size_t>(options->kafka.at_once, 32);
  gateway::HttpGateway gateway(io.get_executor(), clock, settings);
  std::unique_ptr<telemetry::TraceExport> traces;
  if (!options->traces.url.empty()) {
    auto named = options->traces;
    named.node = node;
    auto opened = telemetry::TraceExport::open(std::move(named), clock, random, log);
    if (!opened) {
      fmt::print(stderr, "edda worker: {} {}\n", opened.error().where, opened.error().message);
      return 2;
    }
    traces = *std::move(opened);
  }
  tracing::Tracer* const tracer = traces ? &traces->tracer() : nullptr;
  tracing::TracedGateway traced_gateway(gateway, tracer);
  owner::GatewayExecutor performed(traced_gateway, &clock);
  tracing::TracedSteps steps(performed, tracer, {SpanKind::consumer, "saga-steps"});
  kafka::StepWorker worker(io.get_executor(), options->kafka, steps, clock, log);
  fmt::print(stderr, "Performing steps from {} at {}.\n", fmt::join(options->kafka.connection.brokers, ","), options->gateway_url);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    asio::co_spawn(io, worker.stop(), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  });
  io.run();
  return 0;
}

}  // namespace edda::worker
