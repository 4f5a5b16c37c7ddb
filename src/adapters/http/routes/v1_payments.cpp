#include "http/routes/v1_etag.hpp"
#include "http/routes/v1_list.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "queries/alias.hpp"

namespace edda::http::v1 {
namespace {

Task<Result<Response>> list_payments(Context context, Request& request) {
  const auto scope = scope_of(context, 'p');
  CO_TRY(auto filter, row_filter<PaymentFilter>(request, &parse_payment_status));
  CO_TRY(const auto order, uuid_query(request, "order_id"));
  if (order) filter.order = OrderId{*order};
  CO_TRY(const auto window, window_query(request, scope));
  auto payments = queries::read_payments(context.api.views, std::move(filter), window, context.api.deadline());
  co_return co_await list_page<PaymentRecord>("payments", scope, std::move(payments), &write_payment);
}

Task<Result<Response>> get_payment(Context context, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const auto payment, co_await queries::find_payment(context.api.views, context.api.store, PaymentId{id}, context.api.deadline()));
  if (!payment || !visibility_of(request).allows(payment->row.user)) co_return not_found("payment");
  CO_TRY(const bool unchanged, is_not_modified(request, payment->row.version));
  if (unchanged) co_return not_modified(payment->row.version);
  JsonWriter json;
  write_payment(json, *payment);
  co_return json_text(200, json.take()).set("ETag", etag_of(payment->row.version));
}

}  // namespace

void add_payment_routes(Router& router, Context context) {
  add(router, context, Method::get, "/v1/payments", "v1ListPayments", Access::signed_in(), &list_payments);
  add(router, context, Method::get, "/v1/payments/{id}", "v1GetPayment", Access::signed_in(), &get_payment);
}

}  // namespace edda::http::v1
