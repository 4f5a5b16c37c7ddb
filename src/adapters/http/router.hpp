#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "tracing/tracer.hpp"

namespace edda::http {

/// Who may call a route: anybody, anybody signed in, or the holders of certain roles.
class Access {
 public:
  static constexpr Access open() { return Access(0); }
  static constexpr Access signed_in() { return Access(0xFF); }
  static constexpr Access roles(std::initializer_list<Role> roles) {
    std::uint8_t mask = 0;
    for (const Role role : roles) mask = static_cast<std::uint8_t>(mask | bit(role));
    return Access(mask);
  }

  constexpr bool is_open() const { return mask_ == 0; }
  constexpr bool allows(Role role) const { return is_open() || (mask_ & bit(role)) != 0; }
  bool operator==(const Access&) const = default;

 private:
  constexpr explicit Access(std::uint8_t mask) : mask_(mask) {}
  static constexpr std::uint8_t bit(Role role) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role)); }
  std::uint8_t mask_;
};

using Handler = std::move_only_function<Task<Response>(Request&)>;

/// One route. The handler may run many times at once (interleaved on the one I/O thread), so it keeps no state of a
/// request.
struct Route {
  Method method = Method::get;
  std::string path;  ///< "/orders/{id}": a parameter is one whole segment, never empty
  std::string name;  ///< stable, for metrics and OpenAPI's operationId: "getOrder"
  Access access = Access::open();
  Handler handler;
  std::string produces = "application/json";  ///< for Accept; errors are JSON whatever this says
  std::string produces_too = {};              ///< where the handler looks at Accept itself
  bool any_body_type = false;                 ///< true: bodies of any media type are let through
  bool is_probe = false;                      ///< asked every few seconds by machines: a span only where the caller keeps one

  /// By the path's prefix.
  Face face() const;
};

/// What happened to one request; the views hold during the call only.
struct Observation {
  std::string_view route;  ///< the template, or "" when none matched
  std::string_view name;   ///< the route's name, or ""
  Method method = Method::other;
  int status = 0;
  std::chrono::nanoseconds duration{};
  std::string_view request_id;
  TraceContext trace;         ///< of the request's own span, or of the client's
  std::string_view client_address;
  std::string_view failure;  ///< for the log only: what a handler threw; "" normally
};

/// Finds who makes a request. Errors: unauthenticated (its message is the answer's), or unavailable.
using Authenticator = std::function<Task<Result<Principal>>(Request&)>;
using Observer = std::function<void(const Observation&)>;

struct RouterOptions {
  bool cors_open = true;  ///< false in production
};

/// Holds the routes and answers requests: finds the route, authenticates, checks role, media type and Accept, calls the
/// handler.
///
/// A static segment beats a parameter. Unknown path: 404. Known path, other method: 405 with Allow. HEAD falls to GET.
/// With CORS open every answer carries Access-Control-Allow-Origin and preflights are answered here. A handler that
/// throws is a 500 without details.
///
/// Thread-safety: add and set before serving; dispatch on one thread.
class Router {
 public:
  explicit Router(RouterOptions options = {});
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Asserts that method and path are not taken, and that the path is well-formed.
  void add(Route route);
  /// Without one, every route that is not open answers 401.
  void set_authenticator(Authenticator authenticator);
  void set_observer(Observer observer);
  /// Requests become spans; without one, what clients say of their traces is passed on as it is. It outlives the router.
  void set_tracer(tracing::Tracer& tracer) { tracer_ = &tracer; }

  /// Answers; never throws. Fills path_parameters and principal of the request.
  Task<Response> dispatch(Request& request);

  /// Every route, in the order of adding. The OpenAPI document is compared with it.
  std::span<const std::unique_ptr<Route>> routes() const { return routes_; }

 private:
  class Tree;
  Task<Response> call(Route& route, Request& request);
  TraceContext enter(const Route* route, const Request& request);
  void trace(const Route* route, const Request& request, int status, std::string_view failure, Timestamp began);

  RouterOptions options_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Tree> tree_;
  Authenticator authenticator_;
  Observer observer_;
  tracing::Tracer* tracer_ = nullptr;
};

}  // namespace edda::http
