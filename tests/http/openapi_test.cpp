#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <set>

#include "http/harness.hpp"
#include "http/routes/cluster.hpp"
#include "http/openapi/assets.hpp"
#include "http/routes/operations.hpp"
#include "system/json_log.hpp"

namespace edda::http {
namespace {

/// "GET /orders/{id} getOrder open"
using Rows = std::set<std::string>;

std::string row(std::string method, std::string_view path, std::string_view name, bool open) {
  std::ranges::transform(method, method.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return fmt::format("{} {} {} {}", method, path, name, open ? "open" : "token");
}

/// `security` allows nobody's requests unless it is empty or lists an empty alternative; the document's default is a token.
bool is_open(const boost::json::object& operation) {
  const auto* security = operation.if_contains("security");
  if (security == nullptr) return false;
  const auto& alternatives = security->as_array();
  return alternatives.empty() ||
         std::ranges::any_of(alternatives, [](const boost::json::value& one) { return one.as_object().empty(); });
}

Rows documented() {
  Rows rows;
  const boost::json::value document = boost::json::parse(openapi_json());
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      const auto& operation = method.value().as_object();
      const std::string_view name = operation.at("operationId").as_string();
      rows.insert(row(std::string(method.key()), path.key(), name, is_open(operation)));
    }
  }
  return rows;
}

Rows served() {
  Rows rows;
  boost::asio::io_context context;
  std::unique_ptr<queries::EventFeed> feed;
  std::unique_ptr<maintenance::TaskRegistry> tasks;
  std::unique_ptr<operators::BatchService> batches;
  std::unique_ptr<operators::FeatureLevelService> levels;
  std::unique_ptr<operators::LogLevelService> log_level;
  std::unique_ptr<Operations> operations;
  metrics::Registry metrics;
  system::SystemClock clock;
  system::SystemRandom random;
  memory::MemoryEventStore store;
  testing_support::QuietLog log;
  system::JsonLog log_control(stderr, LogLevel::info, "node-1", clock);
  const Harness harness({}, [&](Router& router, Api& api) {
    feed = std::make_unique<queries::EventFeed>(api.store, api.views);
    tasks = std::make_unique<maintenance::TaskRegistry>(context.get_executor(), clock, random);
    batches = std::make_unique<operators::BatchService>(context.get_executor(), api.operators, api.views, api.accounts, clock, random);
    levels = std::make_unique<operators::FeatureLevelService>(
        operators::FeatureLevelService::Ports{store, operators::audit_by(api.accounts), log}, "node-1");
    log_level = std::make_unique<operators::LogLevelService>(
        operators::LogLevelService::Ports{log_control, operators::audit_by(api.accounts), log}, "node-1");
    operations = std::make_unique<Operations>(Operations{*feed, *tasks, *batches, *levels, *log_level, metrics, {}, {}, {}, {}, {}});
    add_v1_routes(router, api, *operations);
    add_ops_routes(router, api, *operations);
    add_cluster_routes(router, api, {});
    for (const auto& route : router.routes()) {
      rows.insert(row(std::string(to_string(route->method)), route->path, route->name, route->access.is_open()));
    }
  });
  return rows;
}

Rows without(const Rows& all, const Rows& some) {
  Rows rest;
  std::ranges::set_difference(all, some, std::inserter(rest, rest.end()));
  return rest;
}

}  // namespace

TEST(HttpOpenApi, HasEveryRouteAndNoOther) {
  const Rows in_document = documented();
  const Rows in_router = served();
  EXPECT_EQ(without(in_router, in_document), Rows{}) << "served, but not in the document";
  EXPECT_EQ(without(in_document, in_router), Rows{}) << "in the document, but not served";
}

}  // namespace edda::http
