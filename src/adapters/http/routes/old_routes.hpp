#pragma once

#include "http/router.hpp"
#include "http/routes/api.hpp"

/// The unversioned routes, by subject; add_old_routes adds them all.
namespace edda::http::old {

void add_auth_routes(Router& router, Api& api);
void add_order_routes(Router& router, Api& api);
void add_saga_routes(Router& router, Api& api);
void add_maintenance_routes(Router& router, Api& api);
void add_trace_routes(Router& router, Api& api);
void add_active_flow_routes(Router& router, Api& api);
void add_diagnostic_routes(Router& router, Api& api);
void add_lock_test_routes(Router& router, Api& api);

}  // namespace edda::http::old
