#include "http/routes/v1_routes.hpp"

namespace edda::http {

void add_v1_routes(Router& router, Api& api, Operations& operations) {
  const v1::Context context{api, operations};
  v1::add_auth_routes(router, context);
  v1::add_session_routes(router, context);
  v1::add_order_routes(router, context);
  v1::add_order_action_routes(router, context);
  v1::add_product_routes(router, context);
  v1::add_payment_routes(router, context);
  v1::add_saga_routes(router, context);
  v1::add_saga_action_routes(router, context);
  v1::add_batch_routes(router, context);
  v1::add_parked_routes(router, context);
  v1::add_event_routes(router, context);
  v1::add_stream_routes(router, context);
  v1::add_user_routes(router, context);
  v1::add_admin_routes(router, context);
  v1::add_feature_level_routes(router, context);
  v1::add_log_level_routes(router, context);
  v1::add_webhook_routes(router, context);
}

}  // namespace edda::http
