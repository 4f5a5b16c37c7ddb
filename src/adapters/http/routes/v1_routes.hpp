#pragma once

#include "http/router.hpp"
#include "http/routes/v1_support.hpp"

/// The /v1 routes, by subject; add_v1_routes adds them all.
namespace edda::http::v1 {

void add_auth_routes(Router& router, Context context);
void add_session_routes(Router& router, Context context);
void add_order_routes(Router& router, Context context);
void add_order_action_routes(Router& router, Context context);
void add_product_routes(Router& router, Context context);
void add_payment_routes(Router& router, Context context);
void add_saga_routes(Router& router, Context context);
void add_saga_action_routes(Router& router, Context context);
void add_batch_routes(Router& router, Context context);
void add_parked_routes(Router& router, Context context);
void add_event_routes(Router& router, Context context);
void add_stream_routes(Router& router, Context context);
void add_user_routes(Router& router, Context context);
void add_admin_routes(Router& router, Context context);
void add_feature_level_routes(Router& router, Context context);
void add_log_level_routes(Router& router, Context context);
void add_webhook_routes(Router& router, Context context);

}  // namespace edda::http::v1
