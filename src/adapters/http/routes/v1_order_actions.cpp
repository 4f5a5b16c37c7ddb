#include <fmt/format.h>

#include "http/routes/v1_body.hpp"
#include "http/routes/v1_etag.hpp"
#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "stock/stock.hpp"

namespace edda::http::v1 {
namespace {

/// The order that the path names, if the caller may see it.
Task<Result<OrderRecord>> visible_order(Context context, const Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(auto order, co_await context.api.views.find_order(OrderId{id}, context.api.deadline()));
  if (!order || !visibility_of(request).allows(order->row.user)) co_return not_found("order");
  co_return std::move(*order);
}

Task<Result<bool>> sells(Context context, UserId merchant, const OrderRecord& order) {
  for (const order::Item& item : order.items) {
    CO_TRY(const auto product, co_await context.api.views.find_product(stock::id_of(item.product_id), context.api.deadline()));
    if (product && product->row.merchant == merchant) co_return true;
  }
  co_return false;
}

/// The same for what only the seller may do: the merchant of one of its products. An order without such a line is the admin's alone.
Task<Result<OrderRecord>> order_to_serve(Context context, const Request& request) {
  if (request.principal->role == Role::merchant) {
    CO_TRY(const Uuid id, uuid_param(request, "id"));
    CO_TRY(auto sold, co_await context.api.views.find_order(OrderId{id}, context.api.deadline()));
    if (sold) {
      CO_TRY(const bool theirs, co_await sells(context, request.principal->user, *sold));
      if (theirs) co_return *std::move(sold);
    }
  }
  CO_TRY(auto order, co_await visible_order(context, request));
  if (request.principal->role != Role::admin) {
    co_return fail(Errc::forbidden, "Only the merchant of its products, or an admin, may do this.");
  }
  co_return order;
}

Response answered(int status, const orders::Answer& answer, const OrderRecord& order) {
  JsonWriter json;
  write_order(json, answer, order.shipping_address);
  auto response = json_text(status, json.take());
  response.set("ETag", etag_of(answer.state->order.version));
  if (answer.replayed) response.set("Idempotent-Replayed", "true");
  return response;
}

Task<Result<Response>> cancel_order(Context context, Request& request) {
  CO_TRY(const auto order, co_await visible_order(context, request));
  CO_TRY(const auto precondition, if_match(request, order.row.version));
  if (!precondition.given) {
    co_return render(request, Problem{.status = 428, .detail = "Cancelling needs the version that you read."});
  }
  CO_TRY(auto key, client_key(request, "POST /v1/orders/{id}/cancel"));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"reason"});
  auto reason = reader.optional_text("reason", reason_characters_max);
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer,
         co_await context.api.orders.cancel(order.row.id, std::move(reason).value_or(""), precondition.expected,
                                            std::move(key), context.api.deadline(), request.trace));
  co_return answered(202, answer, order);
}

Task<Result<Response>> ship(Context context, Request& request) {
  CO_TRY(const auto order, co_await order_to_serve(context, request));
  CO_TRY(const auto precondition, if_match(request, order.row.version));
  CO_TRY(auto key, client_key(request, "POST /v1/orders/{id}/ship"));
  CO_TRY_VOID(no_body(request));
  CO_TRY(const auto answer, co_await context.api.orders.ship(order.row.id, precondition.expected, std::move(key),
                                                             context.api.deadline(), request.trace));
  co_return answered(200, answer, order);
}

Task<Result<Response>> deliver(Context context, Request& request) {
  CO_TRY(const auto order, co_await order_to_serve(context, request));
  CO_TRY(const auto precondition, if_match(request, order.row.version));
  CO_TRY(auto key, client_key(request, "POST /v1/orders/{id}/deliver"));
  CO_TRY_VOID(no_body(request));
  CO_TRY(const auto answer, co_await context.api.orders.deliver(order.row.id, precondition.expected, std::move(key),
                                                                context.api.deadline(), request.trace));
  co_return answered(200, answer, order);
}

/// A refund is named by the saga that carries it out.
Response refund_answer(const orders::Answer& answer, Money amount) {
  JsonWriter json;
  json.begin_object()
      .field("refund_id", answer.saga)
      .field("saga_id", answer.saga)
      .field("order_id", answer.state->order.id)
      .field("amount", amount)
      .field("state", "requested")
      .end_object();
  auto response = json_text(202, json.take());
  if (answer.replayed) response.set("Idempotent-Replayed", "true");
  return response;
}

Task<Result<Response>> refund(Context context, Request& request) {
  CO_TRY(const auto order, co_await order_to_serve(context, request));
  CO_TRY(auto key, client_key(request, "POST /v1/orders/{id}/refunds"));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"amount", "reason"});
  const Money amount = reader.money("amount", 1);
  std::string reason = reader.text("reason", 1, reason_characters_max);
  if (!faults.any() && amount.currency != order.row.total.currency) {
    faults.meaning.push_back(
        {"/amount/currency", fmt::format("must be the order's currency, {}", order.row.total.currency.view())});
  }
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer, co_await context.api.orders.refund(order.row.id, amount.minor, std::move(reason),
                                                               std::move(key), context.api.deadline(), request.trace));
  co_return refund_answer(answer, amount);
}

}  // namespace

void add_order_action_routes(Router& router, Context context) {
  const auto buyers = Access::roles({Role::customer, Role::merchant, Role::admin});
  const auto sellers = Access::roles({Role::merchant, Role::admin});
  add(router, context, Method::post, "/v1/orders/{id}/cancel", "v1CancelOrder", buyers, &cancel_order);
  add(router, context, Method::post, "/v1/orders/{id}/ship", "v1ShipOrder", sellers, &ship);
  add(router, context, Method::post, "/v1/orders/{id}/deliver", "v1DeliverOrder", sellers, &deliver);
  add(router, context, Method::post, "/v1/orders/{id}/refunds", "v1RefundOrder", sellers, &refund);
}

}  // namespace edda::http::v1
