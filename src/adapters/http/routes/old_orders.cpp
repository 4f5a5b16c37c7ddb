#include <fmt/format.h>

#include "http/routes/old_order_body.hpp"
#include "http/routes/old_render.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "orders/order_service.hpp"
#include "ports/read_limits.hpp"
#include "queries/alias.hpp"
#include "queries/row_reader.hpp"

namespace edda::http::old {
namespace {

constexpr std::string_view cancelled_text = "주문이 취소되었습니다.";
constexpr std::string_view confirmed_text = "주문이 확인되었습니다.";
constexpr std::string_view duplicate_text = "Order with this product combination already exists";

std::optional<std::string> claimed_key_of(const Api& api, const OrderBody& body) {
  if (body.idempotency_key) return body.idempotency_key;
  if (api.settings.old_duplicates == Duplicates::key) return std::nullopt;
  return orders::product_set_key(body.items);
}

// The holder's id is shown to whom it belongs; to others the key is simply taken.
Task<Result<Response>> refuse_duplicate(Api& api, Request& request, std::string holder, std::string key) {
  std::optional<OrderRecord> order;
  if (const auto id = parse_id<OrderId>(holder)) {
    CO_TRY(order, co_await api.views.find_order(*id, api.deadline()));
  }
  const bool may_know = order && queries::may_change(*request.principal, order->row.user);
  JsonWriter json;
  json.begin_object().field("message", duplicate_text).field("error", "DUPLICATE_ORDER");
  write_nullable(json, "existingOrderId", may_know ? std::string_view(holder) : std::string_view());
  json.field("idempotencyKey", key).field("code", "ORDER_ALREADY_EXISTS").end_object();
  Problem problem;
  problem.status = 409;
  problem.detail = duplicate_text;
  problem.code = "duplicate_order";
  problem.next = "Read the order that exists, or order other products or under another idempotencyKey.";
  problem.old_body = json.take();
  co_return render(request, problem);
}

Task<Result<Response>> create_order(Api& api, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  OrderBody order = read_order_body(body, api.settings.currency);
  if (!order.errors.empty()) co_return invalid(request, std::move(order.errors));

  orders::NewOrder wish;
  wish.user = request.principal->user;
  wish.items = order.items;
  wish.currency = api.settings.currency;
  wish.shipping_address = order.shipping_address;
  wish.claimed_key = claimed_key_of(api, order);
  wish.trace = request.trace;
  const std::string key = wish.claimed_key.value_or("");
  const auto placed = co_await api.orders.place(std::move(wish), api.deadline());
  if (!placed && placed.error().reason == "claimed") {
    co_return co_await refuse_duplicate(api, request, placed.error().where, key);
  }
  if (!placed) co_return std::unexpected(placed.error());

  const order::State& state = placed->state->order;
  JsonWriter json;
  write_order(json, {state.id, state.user, state.total, state.status, order.items, order.shipping_address,
                     placed->created_at, placed->updated_at});
  co_return json_text(201, json.take());
}

Task<Result<Response>> list_orders(Api& api, Request& request) {
  CO_TRY(const PageQuery page, page_query(request));
  OrderFilter filter;
  filter.user = request.principal->user;
  bool none_ever = false;
  if (const auto status = request.query("status"); status && !status->empty()) {
    auto statuses = order_statuses(*status);
    if (!statuses) {
      co_return fail(Errc::invalid_argument,
                     "status must be one of pending, processing, paid, shipped, delivered, cancelled, failed",
                     "status");
    }
    none_ever = statuses->empty();
    filter.statuses = *std::move(statuses);
  }
  JsonWriter json;
  json.begin_object().key("orders").begin_array();
  std::int64_t total = 0;
  if (!none_ever) {
    auto orders = queries::read_orders(api.views, std::move(filter), page.window(), api.deadline());
    CO_TRY(total, co_await orders.total());
    while (json.text().size() <= answer_bytes_max) {
      CO_TRY(const auto order, co_await orders.next());
      if (!order) break;
      write_order(json, view_of(*order));
    }
  }
  json.end_array();
  write_page_fields(json, page, total);
  json.end_object();
  co_return json_text(200, json.take());
}

Task<Result<OrderRecord>> existing_order(Api& api, const Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(auto order, co_await api.views.find_order(OrderId{id}, api.deadline()));
  if (!order) co_return fail(Errc::not_found, "Order not found");
  co_return *std::move(order);
}

Task<Result<Response>> get_order(Api& api, Request& request) {
  CO_TRY(const OrderRecord order, co_await existing_order(api, request));
  if (!visibility_of(request).allows(order.row.user)) co_return fail(Errc::forbidden, "Access denied");
  JsonWriter json;
  write_order(json, view_of(order));
  co_return json_text(200, json.take());
}

// Other users' orders do not exist for those who may not change them.
Task<Result<OrderRecord>> changeable_order(Api& api, const Request& request) {
  CO_TRY(auto order, co_await existing_order(api, request));
  if (!queries::may_change(*request.principal, order.row.user)) co_return fail(Errc::not_found, "Order not found");
  co_return order;
}

bool is_cancelled_already(const Error& error) {
  return error.code == Errc::rejected && (error.reason == "already_cancelled" || error.reason == "already_cancelling");
}

Task<Result<Response>> cancel_order(Api& api, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  std::vector<FieldError> errors;
  const auto reason = read_text(body, "reason", reason_length_max, false, errors);
  if (!errors.empty()) co_return invalid(request, std::move(errors));
  CO_TRY(const OrderRecord order, co_await changeable_order(api, request));
  const auto cancelled =
      co_await api.orders.cancel(order.row.id, reason.value_or(""), std::nullopt, std::nullopt, api.deadline(), request.trace);
  if (!cancelled && cancelled.error().reason == "delivered") {
    co_return fail(Errc::rejected, "Cannot cancel delivered order", "", "delivered");
  }
  if (!cancelled && !is_cancelled_already(cancelled.error())) co_return std::unexpected(cancelled.error());
  JsonWriter json;
  json.begin_object().field("message", cancelled_text).field("orderId", order.row.id).end_object();
  co_return json_text(200, json.take());
}

bool is_captured(const PaymentRow& payment) {
  return payment.status == PaymentStatus::completed || payment.status == PaymentStatus::refunded;
}

// R22: a person's confirmation decides nothing; it is told whether the money is there.
Task<Result<Response>> confirm_order(Api& api, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  std::vector<FieldError> errors;
  const auto payment_id = read_text(body, "paymentId", key_length_max, false, errors);
  if (!errors.empty()) co_return invalid(request, std::move(errors));
  CO_TRY(const OrderRecord order, co_await changeable_order(api, request));
  std::optional<PaymentRecord> payment;
  if (const auto id = parse_id<PaymentId>(payment_id.value_or(""))) {
    CO_TRY(payment, co_await queries::find_payment(api.views, api.store, *id, api.deadline()));
  }
  if (!payment || payment->row.id != order.row.payment || !is_captured(payment->row)) {
    co_return fail(Errc::rejected, "No captured payment of this order has that id", "", "not_paid");
  }
  JsonWriter json;
  json.begin_object()
      .field("message", confirmed_text)
      .field("orderId", order.row.id)
      .field("paymentId", *payment_id)
      .end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_order_routes(Router& router, Api& api) {
  const Access access = Access::signed_in();
  add(router, api, Method::post, "/orders", "createOrder", access, &create_order);
  add(router, api, Method::post, "/orders/test/create", "createTestOrder", access, &create_order);
  add(router, api, Method::get, "/orders", "listOrders", access, &list_orders);
  add(router, api, Method::get, "/orders/{id}", "getOrder", access, &get_order);
  add(router, api, Method::delete_, "/orders/{id}", "cancelOrder", access, &cancel_order);
  add(router, api, Method::put, "/orders/{id}/confirm", "confirmOrder", access, &confirm_order);
}

}  // namespace edda::http::old
