#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "ports/event_store.hpp"

namespace edda::http::old {
namespace {

// The replaced system's pool; scripts compare with these figures.
constexpr std::size_t pool_connections_max = 20;
constexpr std::size_t pool_healthy_below = 15;
// A monitor that asks for health waits no longer than this for the database.
constexpr std::chrono::milliseconds health_deadline{1'000};

Task<Result<void>> ask_store(Api& api, Deadline deadline) {
  CO_TRY_VOID(co_await api.store.last_positions(deadline));
  co_return Result<void>{};
}

void write_database(JsonWriter& json, const Api& api, bool connected) {
  json.key("database")
      .begin_object()
      .field("connected", connected)
      .field("name", api.settings.database_name)
      .end_object();
}

Task<Result<Response>> greet(Api&, Request&) {
  co_return text(200, "Hello! NestJS CQRS Saga 프로젝트에 오신 것을 환영합니다! 🚀");
}

Task<Result<Response>> health(Api& api, Request&) {
  const auto store = co_await ask_store(api, api.clock.deadline_in(health_deadline));
  JsonWriter json;
  json.begin_object()
      .field("status", "ok")
      .field("timestamp", api.clock.now())
      .field("environment", to_string(api.settings.mode));
  write_database(json, api, store.has_value());
  json.end_object();
  co_return json_text(200, json.take());
}

std::string_view overall_status(bool connected, const std::vector<Component>& components) {
  if (!connected) return "error";
  const bool all_well = std::ranges::all_of(components, [](const Component& component) {
    return component.status == Component::Status::up || component.status == Component::Status::not_configured;
  });
  return all_well ? "ok" : "degraded";
}

Task<Result<Response>> health_detailed(Api& api, Request&) {
  const auto store = co_await ask_store(api, api.clock.deadline_in(health_deadline));
  const auto components = api.lifecycle.components();
  JsonWriter json;
  json.begin_object()
      .field("status", overall_status(store.has_value(), components))
      .field("timestamp", api.clock.now())
      .field("environment", to_string(api.settings.mode))
      .field("version", api.settings.version)
      .field("uptimeSeconds", static_cast<std::int64_t>(api.lifecycle.uptime().count()));
  write_database(json, api, store.has_value());
  json.key("components").begin_array();
  for (const Component& component : components) {
    json.begin_object()
        .field("name", component.name)
        .field("status", to_string(component.status))
        .field("detail", component.detail)
        .end_object();
  }
  json.end_array()
      .key("memory")
      .begin_object()
      .field("rssBytes", api.lifecycle.resident_bytes())
      .end_object()
      .end_object();
  co_return json_text(200, json.take());
}

// These routes report trouble in their body: their clients look at `status`, not at the code.
Response test_failed(std::string_view message, std::string_view error) {
  JsonWriter json;
  json.begin_object().field("status", "error").field("message", message);
  if (!error.empty()) json.field("error", error);
  json.end_object();
  return json_text(200, json.take());
}

Task<Result<Response>> test_database(Api& api, Request&) {
  const auto store = co_await ask_store(api, api.deadline());
  if (!store) co_return test_failed("Database connection failed", store.error().message);
  JsonWriter json;
  json.begin_object()
      .field("status", "ok")
      .field("message", "Database connection successful")
      .key("data")
      .begin_object();
  json.field("current_time", api.clock.now()).end_object().end_object();
  co_return json_text(200, json.take());
}

// The embedded store has one connection that writes, whatever happens.
Task<Result<Response>> show_pool(Api& api, Request&) {
  const auto store = co_await ask_store(api, api.deadline());
  if (!store) co_return test_failed("Database connection failed", store.error().message);
  constexpr std::size_t active = 1;
  JsonWriter json;
  json.begin_object()
      .field("status", "ok")
      .field("activeConnections", active)
      .field("maxConnections", pool_connections_max)
      .field("isHealthy", active < pool_healthy_below)
      .end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> test_kafka(Api&, Request&) {
  co_return test_failed("Kafka is not configured: the events are served by this API alone", "");
}

}  // namespace

void add_diagnostic_routes(Router& router, Api& api) {
  Route greeting;
  greeting.path = "/";
  greeting.name = "greeting";
  greeting.produces = "text/plain";
  greeting.handler = [&api](Request& request) -> Task<Response> { co_return *co_await greet(api, request); };
  router.add(std::move(greeting));
  const Access access = test_routes_access(api.settings);
  add(router, api, Method::get, "/health", "health", Access::open(), &health);
  add(router, api, Method::get, "/health/detailed", "healthDetailed", Access::open(), &health_detailed);
  add(router, api, Method::get, "/db-pool", "dbPool", access, &show_pool);
  add(router, api, Method::get, "/db-test", "dbTest", access, &test_database);
  add(router, api, Method::get, "/kafka-test", "kafkaTest", access, &test_kafka);
}

}  // namespace edda::http::old
