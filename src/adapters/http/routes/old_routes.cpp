#include "http/routes/old_routes.hpp"

namespace edda::http {

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::demo:
      return "demo";
    case Mode::development:
      return "development";
    case Mode::production:
      return "production";
  }
  return "development";
}

std::string_view to_string(Component::Status status) {
  switch (status) {
    case Component::Status::up:
      return "up";
    case Component::Status::degraded:
      return "degraded";
    case Component::Status::down:
      return "down";
    case Component::Status::not_configured:
      return "not_configured";
  }
  return "down";
}

void add_old_routes(Router& router, Api& api) {
  old::add_diagnostic_routes(router, api);
  old::add_auth_routes(router, api);
  old::add_order_routes(router, api);
  old::add_saga_routes(router, api);
  old::add_maintenance_routes(router, api);
  old::add_trace_routes(router, api);
  old::add_active_flow_routes(router, api);
  old::add_lock_test_routes(router, api);
}

}  // namespace edda::http
