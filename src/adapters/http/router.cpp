#include "http/router.hpp"

#include <fmt/format.h>

#include <exception>

#include "base/assert.hpp"
#include "http/negotiation.hpp"
#include "http/problem.hpp"
#include "http/route_tree.hpp"

namespace edda::http {

namespace {

// What the replaced system's CORS layer answers.
constexpr std::string_view cors_methods = "GET,HEAD,PUT,PATCH,POST,DELETE";
constexpr std::string_view v1_exposed_headers = "ETag, Location, Retry-After, Idempotent-Replayed, X-Request-Id";
constexpr std::string_view every_method = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS";

Response preflight(const Request& request) {
  Response response = empty(204);
  response.set("Access-Control-Allow-Methods", std::string(cors_methods));
  if (const auto headers = request.header("Access-Control-Request-Headers")) {
    response.set("Access-Control-Allow-Headers", std::string(*headers)).set("Vary", "Access-Control-Request-Headers");
  }
  return response;
}

Response refuse_unmatched(const Request& request, const std::string& allow) {
  const std::string detail = fmt::format("Cannot {} {}", request.method_name, request.target);
  if (allow.empty() && request.method != Method::other)
    return render(request, Problem{.status = 404, .detail = detail});
  if (request.method == Method::options) return empty(204).set("Allow", allow);
  return render(request, Problem{.status = 405, .detail = detail})
      .set("Allow", allow.empty() ? std::string(every_method) : allow);
}

Response refuse_role(const Request& request) {
  const bool old = request.face == Face::old;
  return render(request,
                Problem{.status = 403, .detail = old ? "Forbidden resource" : "This account's role may not do this."});
}

// Media types, both ways; nullopt when they are fine.
std::optional<Response> refuse_media(const Route& route, const Request& request) {
  if (!request.body.empty() && !route.any_body_type) {
    const auto type = request.header("Content-Type");
    if (!type || !equal_ignoring_case(media_type_of(*type), "application/json")) {
      return render(request, Problem{.status = 415, .detail = "The body must be of the type application/json."});
    }
  }
  const auto accept = request.header("Accept");
  if (accept && !accepts(*accept, route.produces) && (route.produces_too.empty() || !accepts(*accept, route.produces_too))) {
    const std::string types = route.produces_too.empty() ? route.produces : route.produces + " or " + route.produces_too;
    return render(request, Problem{.status = 406, .detail = fmt::format("This address answers in {} only.", types)});
  }
  return std::nullopt;
}

}  // namespace

Face Route::face() const { return is_v1_path(path) ? Face::v1 : Face::old; }

Router::Router(RouterOptions options) : options_(options), tree_(std::make_unique<Tree>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  tree_->add(*routes_.back());
}

void Router::set_authenticator(Authenticator authenticator) { authenticator_ = std::move(authenticator); }
void Router::set_observer(Observer observer) { observer_ = std::move(observer); }

Task<Response> Router::call(Route& route, Request& request) {
  if (!route.access.is_open()) {
    auto principal = authenticator_ ? co_await authenticator_(request) : fail(Errc::unauthenticated, "Unauthorized");
    if (!principal) co_return render(request, principal.error());
    request.principal = *std::move(principal);
    if (!route.access.allows(request.principal->role)) co_return refuse_role(request);
  }
  if (auto refused = refuse_media(route, request)) co_return *std::move(refused);
  co_return co_await route.handler(request);
}

TraceContext Router::enter(const Route* route, const Request& request) {
  const auto header = request.header("traceparent");
  const auto from = header ? parse_traceparent(*header) : std::nullopt;
  const bool unasked = !from && route != nullptr && route->is_probe;
  return tracer_ != nullptr && !unasked ? tracer_->enter(from) : from.value_or(TraceContext{});
}

void Router::trace(const Route* route, const Request& request, int status, std::string_view failure, Timestamp began) {
  // Never the path in the name: one name for each route.
  const std::string_view path = route != nullptr ? std::string_view(route->path) : "";
  Span span{.context = request.trace, .kind = SpanKind::server,
            .name = fmt::format("{}{}{}", to_string(request.method), path.empty() ? "" : " ", path), .start = began, .end = {}};
  const auto from = parse_traceparent(request.header("traceparent").value_or(""));
  if (from) span.parent = from->span;
  span.attributes = {{"http.request.method", std::string(to_string(request.method))},
                     {"url.path", request.path},
                     {"http.response.status_code", std::int64_t{status}},
                     {"client.address", request.client_address},
                     {"edda.request.id", request.request_id}};
  if (!path.empty()) span.attributes.push_back({"http.route", std::string(path)});
  if (status >= 500) span.failure = failure.empty() ? std::to_string(status) : std::string(failure);
  tracer_->end(std::move(span));
}

Task<Response> Router::dispatch(Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  const Tree::Match match = tree_->match(request);
  request.trace = enter(match.route, request);
  const Timestamp began = tracer_ != nullptr ? tracer_->clock().now() : Timestamp{};
  Response response;
  std::string failure;
  if (match.route != nullptr) {
    try {
      response = co_await call(*match.route, request);
    } catch (const std::exception& exception) {
      failure = exception.what();
      if (failure.empty()) failure = "an exception without a text";
    } catch (...) {
      failure = "something that is no std::exception";
    }
    if (!failure.empty()) response = render(request, Error{Errc::internal, failure});
  } else if (request.method == Method::options && options_.cors_open) {
    response = preflight(request);
  } else {
    response = refuse_unmatched(request, match.allow);
  }
  if (options_.cors_open) {
    response.set("Access-Control-Allow-Origin", "*");
    if (request.face == Face::v1) response.set("Access-Control-Expose-Headers", std::string(v1_exposed_headers));
  }
  if (request.trace.exists()) response.set("traceparent", to_traceparent(request.trace));
  if (tracer_ != nullptr && request.trace.sampled) trace(match.route, request, response.status, failure, began);
  if (observer_) {
    const std::string_view path = match.route != nullptr ? std::string_view(match.route->path) : "";
    const std::string_view name = match.route != nullptr ? std::string_view(match.route->name) : "";
    observer_({.route = path,
               .name = name,
               .method = request.method,
               .status = response.status,
               .duration = std::chrono::steady_clock::now() - begin,
               .request_id = request.request_id,
               .trace = request.trace,
               .client_address = request.client_address,
               .failure = failure});
  }
  co_return response;
}

}  // namespace edda::http
