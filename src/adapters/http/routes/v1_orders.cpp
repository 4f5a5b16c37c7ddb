#include "http/routes/v1_etag.hpp"
#include "http/routes/v1_list.hpp"
#include "http/routes/v1_order_body.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

Task<Result<Response>> place(Context context, Request& request) {
  CO_TRY(auto key, client_key(request, "POST /v1/orders"));
  if (!key) {
    co_return fail(Errc::invalid_argument,
                   "is missing: send a text of your own choice that is the same when you repeat this request",
                   "Idempotency-Key", "idempotency_key_required");
  }
  CO_TRY(const JsonValue body, parse_body(request));
  auto order = read_new_order(request, body);
  if (!order) co_return std::move(order.error());
  order->client_key = std::move(key);
  order->trace = request.trace;
  const std::string address = order->shipping_address;
  CO_TRY(const auto answer, co_await context.api.orders.place(std::move(*order), context.api.deadline()));
  JsonWriter json;
  write_order(json, answer, address);
  auto response = json_text(201, json.take());
  response.set("Location", "/v1/orders/" + to_string(answer.state->order.id));
  response.set("ETag", etag_of(answer.state->order.version));
  if (answer.replayed) response.set("Idempotent-Replayed", "true");
  co_return response;
}

Task<Result<Response>> list_orders(Context context, Request& request) {
  const auto scope = scope_of(context, 'o');
  CO_TRY(auto filter, row_filter<OrderFilter>(request, &parse_order_status));
  CO_TRY(const auto after, time_query(request, "created_after"));
  // Times are shown in milliseconds: an order shown with this very time is not after it.
  if (after) filter.created_after = std::chrono::floor<milliseconds>(*after) + milliseconds(1) - microseconds(1);
  CO_TRY(const auto window, window_query(request, scope));
  auto orders = queries::read_orders(context.api.views, std::move(filter), window, context.api.deadline());
  co_return co_await list_page<OrderRecord>("orders", scope, std::move(orders), &write_order);
}

Task<Result<Response>> get_order(Context context, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const auto order, co_await context.api.views.find_order(OrderId{id}, context.api.deadline()));
  if (!order || !visibility_of(request).allows(order->row.user)) co_return not_found("order");
  // A refund changes what is shown, but not the order's stream: once there was one, nobody's copy is surely right.
  CO_TRY(const bool unchanged, is_not_modified(request, order->row.version));
  if (unchanged && order->refunded_minor == 0) co_return not_modified(order->row.version);
  JsonWriter json;
  write_order(json, *order);
  co_return json_text(200, json.take()).set("ETag", etag_of(order->row.version));
}

}  // namespace

void add_order_routes(Router& router, Context context) {
  // An operator reads all orders and has none.
  add(router, context, Method::post, "/v1/orders", "v1CreateOrder",
      Access::roles({Role::customer, Role::merchant, Role::admin}), &place);
  add(router, context, Method::get, "/v1/orders", "v1ListOrders", Access::signed_in(), &list_orders);
  add(router, context, Method::get, "/v1/orders/{id}", "v1GetOrder", Access::signed_in(), &get_order);
}

}  // namespace edda::http::v1
