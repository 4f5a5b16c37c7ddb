#pragma once

#include <string>

#include "accounts/account_service.hpp"
#include "config/config.hpp"
#include "crypto/hashing_pool.hpp"
#include "gateway/http_gateway.hpp"
#include "gateway/settings.hpp"
#include "http/routes/api.hpp"
#include "http/server.hpp"
#include "lanes/lane.hpp"
#include "orders/order_service.hpp"
#include "owner/dispatcher.hpp"
#include "owner/shard_keeper.hpp"
#include "ports/log.hpp"
#include "telemetry/trace_export.hpp"

/// The configuration in the words of each part.
namespace edda::wiring {

/// `shared`: other nodes write to the store too.
lanes::LaneSettings lane_settings(const config::Config& config, bool shared, const lanes::LaneMeters& meters, tracing::Tracer* tracer);
owner::DispatcherSettings dispatcher_settings(const config::Config& config, bool shared, metrics::Registry& metrics, tracing::Tracer* tracer);
owner::KeeperSettings keeper_settings(const config::Config& config, Uuid incarnation, bool shared);
gateway::SimulatorSettings simulator_settings(const config::Config& config);
/// Needs gateway.url. Errors: invalid_argument.
Result<gateway::HttpGatewaySettings> gateway_settings(const config::Config& config);
accounts::AccountSettings account_settings(const config::Config& config);
crypto::HashingSettings hashing_settings(const config::Config& config);
orders::OrderPolicy order_policy(const config::Config& config);
http::ServerOptions server_options(const config::Config& config, bool serve);
/// Of the traces that this process makes; none where no collector is named.
std::optional<telemetry::TraceSettings> trace_settings(const config::Config& config);
LogLevel log_level(const config::Config& config);
http::ApiSettings api_settings(const config::Config& config);

}  // namespace edda::wiring
