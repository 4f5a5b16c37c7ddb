#include "wiring/settings_of.hpp"

#include "wiring/metrics_of.hpp"

namespace edda::wiring {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

http::Mode mode_of(config::Mode mode) {
  switch (mode) {
    case config::Mode::demo: return http::Mode::demo;
    case config::Mode::production: return http::Mode::production;
    case config::Mode::development: break;
  }
  return http::Mode::development;
}

// The net under signals and notifications (R10).
constexpr std::chrono::milliseconds poll_every{100};
// The lease of a store that only this process can open.
constexpr std::chrono::hours nobody_waits_for_it{24};

RateLimit per_minute(std::size_t count) { return {static_cast<std::uint32_t>(count), seconds(60)}; }

}  // namespace

lanes::LaneSettings lane_settings(const config::Config& config, bool shared, const lanes::LaneMeters& meters, tracing::Tracer* tracer) {
  return {.node = config.server.node_id,
          .queue_max = config.lanes.queue_max,
          .batch_max = config.lanes.batch_max,
          .cases_max = config.lanes.cases_max,
          .others_write = shared,
          .meters = meters,
          .tracer = tracer};
}

owner::DispatcherSettings dispatcher_settings(const config::Config& config, bool shared, metrics::Registry& metrics, tracing::Tracer* tracer) {
  owner::DispatcherSettings settings;
  settings.node = config.server.node_id;
  if (shared) settings.poll = poll_every;
  settings.breaker.failures = config.gateway.breaker_failures;
  settings.breaker.rate = config.gateway.breaker_rate;
  settings.breaker.pause = config.gateway.breaker_pause;
  settings.breaker.pause_max = config.gateway.breaker_pause_max;
  settings.step_seconds = step_meter(metrics);
  settings.saga_seconds = saga_meter(metrics);
  settings.tracer = tracer;
  return settings;
}

owner::KeeperSettings keeper_settings(const config::Config& config, Uuid incarnation, bool shared) {
  owner::KeeperSettings settings;
  settings.node = config.server.node_id;
  settings.incarnation = incarnation;
  if (shared) {
    settings.lease = config.cluster.lease;
    settings.every = config.cluster.lease / 5;
    return settings;
  }
  settings.lease = nobody_waits_for_it;
  settings.every = std::chrono::seconds(1);
  return settings;
}

gateway::SimulatorSettings simulator_settings(const config::Config& config) {
  gateway::SimulatorSettings settings;
  settings.success_rate = config.payment.success_rate;
  settings.latency_min = config.payment.latency_min;
  settings.latency_max = config.payment.latency_max;
  return settings;
}

Result<gateway::HttpGatewaySettings> gateway_settings(const config::Config& config) {
  auto endpoint = gateway::parse_endpoint(config.gateway.url);
  if (!endpoint) return fail(Errc::invalid_argument, endpoint.error().message, "gateway.url");
  return gateway::HttpGatewaySettings{.endpoint = *std::move(endpoint),
                                      .secret = config.gateway.secret.reveal(),
                                      .timeout = config.gateway.timeout,
                                      .connections_max = config.gateway.connections_max};
}

accounts::AccountSettings account_settings(const config::Config& config) {
  accounts::AccountSettings settings;
  settings.access_lifetime = duration_cast<seconds>(config.auth.access_expires_in);
  settings.refresh_lifetime = duration_cast<seconds>(config.auth.refresh_expires_in);
  settings.login_per_account = per_minute(config.auth.logins_per_account);
  settings.login_per_address = per_minute(config.auth.logins_per_address);
  settings.register_per_address = per_minute(config.auth.registrations_per_address);
  settings.refresh_per_address = per_minute(config.auth.refreshes_per_address);
  return settings;
}

crypto::HashingSettings hashing_settings(const config::Config& config) {
  crypto::HashingSettings settings;
  settings.threads = config.auth.hashing_concurrency;
  settings.waiting_max = config.auth.hashing_queue_max;
  return settings;
}

orders::OrderPolicy order_policy(const config::Config& config) {
  return {.approval_above = static_cast<std::int64_t>(config.orders.approval_above)};
}

http::ServerOptions server_options(const config::Config& config, bool serve) {
  http::ServerOptions options;
  options.address = serve ? config.server.host : "127.0.0.1";
  options.port = serve ? config.server.port : std::uint16_t{0};
  options.trusted_proxies = config.http.trusted_proxies;
  options.limits.connections_max = config.http.connections_max;
  options.limits.requests_in_flight_max = config.http.requests_in_flight_max;
  options.limits.head_bytes_max = config.http.head_bytes_max;
  options.limits.headers_max = config.http.headers_max;
  options.limits.old_body_bytes_max = config.http.body_bytes_max;
  options.limits.v1_body_bytes_max = config.http.v1_body_bytes_max;
  options.limits.head_timeout = config.http.head_timeout;
  options.limits.body_timeout = config.http.body_timeout;
  options.limits.idle_timeout = config.http.idle_timeout;
  options.limits.write_timeout = config.http.write_timeout;
  return options;
}

std::optional<telemetry::TraceSettings> trace_settings(const config::Config& config) {
  const auto& from = config.tracing;
  telemetry::TraceSettings settings;
  settings.url = telemetry::traces_url(from.endpoint, from.traces_endpoint);
  if (settings.url.empty()) return std::nullopt;
  settings.headers = from.headers.reveal();
  settings.sampler = tracing::sampler_of(from.sampler, from.sampler_arg).value_or(tracing::Sampler{});
  settings.service = from.service_name;
  settings.node = config.server.node_id;
  settings.queue_max = from.queue_max;
  settings.batch_max = from.batch_max;
  settings.delay = from.delay;
  settings.timeout = from.timeout;
  return settings;
}

LogLevel log_level(const config::Config& config) {
  switch (config.server.log_level) {
    case config::LogLevel::debug: return LogLevel::debug;
    case config::LogLevel::warn: return LogLevel::warn;
    case config::LogLevel::error: return LogLevel::error;
    case config::LogLevel::info: break;
  }
  return LogLevel::info;
}

http::ApiSettings api_settings(const config::Config& config) {
  http::ApiSettings settings;
  settings.mode = mode_of(config.server.mode);
  settings.currency = parse_currency(config.orders.currency).value_or(Currency{});
  settings.old_duplicates = config.orders.duplicates == config::DuplicateRule::product
                                ? http::Duplicates::product
                                : http::Duplicates::key;
  settings.open_test_routes = config.http.open_test_routes;
  settings.request_deadline = config.http.request_timeout;
  settings.simulated_gateway = config.gateway.url.empty();
  settings.node_id = config.server.node_id;
  settings.version = EDDA_VERSION;
  settings.compiler = EDDA_COMPILER;
  return settings;
}

}  // namespace edda::wiring
