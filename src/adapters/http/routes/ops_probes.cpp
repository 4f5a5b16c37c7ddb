#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "http/problem.hpp"
#include "http/routes/ops_routes.hpp"
#include "ports/event_store.hpp"

namespace edda::http::ops {
namespace {

using std::chrono::milliseconds;

// A probe that waits as long as a request is answered "no" too late.
constexpr milliseconds store_patience{1'000};

bool wants_details(const Request& request) {
  const auto verbose = request.query("verbose");
  return verbose && *verbose != "false" && *verbose != "0";
}

Task<ReadyCheck> check_store(Api& api) {
  const auto positions = co_await api.store.last_positions(api.clock.deadline_in(store_patience));
  co_return ReadyCheck{"store", positions.has_value(), positions ? "answers" : "does not answer"};
}

Task<std::vector<ReadyCheck>> run_checks(Api& api) {
  std::vector<ReadyCheck> checks;
  const bool accepting = api.lifecycle.accepting();
  checks.push_back({"accepting", accepting, accepting ? "takes requests" : "is starting or stopping"});
  checks.push_back(co_await check_store(api));
  // Whatever else is down (a gateway, a filter), requests can be taken: the log remembers what is to be done.
  for (const Component& component : api.lifecycle.components()) {
    if (component.name != "lanes" && component.name != "dispatcher") continue;
    checks.push_back({component.name, component.status != Component::Status::down, component.detail});
  }
  co_return checks;
}

std::string ready_json(bool ready, const std::vector<ReadyCheck>& checks, bool details) {
  JsonWriter json;
  json.begin_object().field("status", ready ? "ready" : "not_ready");
  if (details) {
    json.key("checks").begin_array();
    for (const ReadyCheck& check : checks) {
      json.begin_object().field("name", check.name).field("ok", check.ok).field("detail", check.detail).end_object();
    }
    json.end_array();
  }
  json.end_object();
  return json.take();
}

Response readiness(Request& request, const std::vector<ReadyCheck>& checks) {
  const bool ready = std::ranges::all_of(checks, &ReadyCheck::ok);
  if (!ready && wants_problem_json(request)) {
    return render(request, Problem{.status = 503, .detail = "This server does not take requests now."});
  }
  auto response = json_text(ready ? 200 : 503, ready_json(ready, checks, wants_details(request)));
  if (!ready) response.set("Retry-After", "1");
  response.set("Cache-Control", "no-store");
  return response;
}

Task<Response> readyz(Api& api, Request& request) { co_return readiness(request, co_await run_checks(api)); }

Task<Response> livez(Request&) { co_return json_text(200, R"({"status":"ok"})"); }

Response version(const Api& api) {
  JsonWriter json;
  json.begin_object()
      .field("name", "edda")
      .field("version", api.settings.version)
      .field("commit", api.settings.commit)
      .field("compiler", api.settings.compiler)
      .end_object();
  return json_text(200, json.take());
}

}  // namespace

void add_probe_routes(Router& router, Api& api) {
  add(router, "/livez", "livez", livez);
  add(router, "/readyz", "readyz", [&api](Request& request) { return readyz(api, request); });
  add(router, "/version", "version", [&api](Request&) -> Task<Response> { co_return version(api); });
}

}  // namespace edda::http::ops

namespace edda::http {

namespace {

// No route of ours is longer.
constexpr std::size_t segments_max = 8;

Task<Response> later(Request& request) {
  co_return render(request, Problem{.status = 503, .detail = "This server is starting."});
}

}  // namespace

void add_starting_routes(Router& router) {
  ops::add(router, "/", "later", later);
  std::string path;
  for (std::size_t segment = 0; segment < segments_max; ++segment) {
    path += fmt::format("/{{{}}}", segment);
    for (const Method method : {Method::get, Method::post, Method::put, Method::patch, Method::delete_})
      router.add({.method = method, .path = path, .name = fmt::format("later{}", segment), .handler = later, .any_body_type = true});
  }
  ops::add(router, "/livez", "livez", ops::livez);
  ops::add(router, "/readyz", "readyz", [](Request& request) -> Task<Response> {
    co_return ops::readiness(request, {{"accepting", false, "is starting"}});
  });
}

}  // namespace edda::http
