#include "http/routes/v1_body.hpp"
#include "http/routes/v1_etag.hpp"
#include "http/routes/v1_list.hpp"
#include "http/routes/v1_order_body.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "products/product_service.hpp"

namespace edda::http::v1 {
namespace {

constexpr std::int64_t pieces_max = stock::quantity_max / 1000;

std::string pieces(std::int64_t thousandths) { return quantity_text(order::Quantity{thousandths}); }

void write_product(JsonWriter& json, const ProductRecord& product) {
  const ProductRow& row = product.row;
  json.begin_object()
      .field("id", row.product)
      .field("name", row.name)
      .field("merchant_id", row.merchant)
      .field("tracked", row.tracked);
  json.key("on_hand").raw(pieces(row.available + row.held));
  json.key("available").raw(pieces(row.available));
  json.key("held").raw(pieces(row.held));
  json.field("version", row.version.value)
      .field("created_at", product.created_at)
      .field("updated_at", product.updated_at)
      .end_object();
}

Response product_answer(int status, const ProductRecord& product) {
  JsonWriter json;
  write_product(json, product);
  auto response = json_text(status, json.take());
  response.set("ETag", etag_of(product.row.version));
  return response;
}

Task<Result<ProductRecord>> find(Context context, const Request& request) {
  const ProductId id = stock::id_of(request.param("id"));
  CO_TRY(auto product, co_await context.api.views.find_product(id, context.api.deadline()));
  if (!product) co_return not_found("product");
  co_return *std::move(product);
}

/// The same for what only its merchant may do.
Task<Result<ProductRecord>> find_own(Context context, const Request& request) {
  CO_TRY(auto product, co_await find(context, request));
  const Principal& caller = *request.principal;
  if (caller.role != Role::admin && caller.user != product.row.merchant)
    co_return fail(Errc::forbidden, "Only the merchant of this product, or an admin, may do this.");
  co_return std::move(product);
}

Task<Result<Response>> create_product(Context context, Request& request) {
  CO_TRY(auto key, client_key(request, "POST /v1/products"));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"id", "name", "tracked", "on_hand"});
  stock::CreateProduct product;
  product.product = reader.text("id", 1, name_characters_max);
  product.name = reader.text("name", 1, name_characters_max);
  product.tracked = reader.optional_flag("tracked").value_or(true);
  if (reader.has("on_hand")) product.on_hand = reader.integer("on_hand", 0, pieces_max) * 1000;
  product.merchant = request.principal->user;
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer,
         co_await context.api.products.create(std::move(product), std::move(key), context.api.deadline()));
  auto response = product_answer(201, answer.product);
  if (answer.replayed) response.set("Idempotent-Replayed", "true");
  co_return response;
}

Task<Result<Response>> list_products(Context context, Request& request) {
  const auto scope = scope_of(context, 'd');
  ProductFilter filter;
  CO_TRY(const auto merchant, uuid_query(request, "merchant_id"));
  if (merchant) filter.merchant = UserId{*merchant};
  if (const auto tracked = request.query("tracked")) {
    if (*tracked != "true" && *tracked != "false") co_return invalid_parameter("tracked", "must be true or false");
    filter.tracked = *tracked == "true";
  }
  CO_TRY(const auto window, window_query(request, scope));
  auto products = queries::read_products(context.api.views, filter, window, context.api.deadline());
  co_return co_await list_page<ProductRecord>("products", scope, std::move(products), &write_product);
}

Task<Result<Response>> get_product(Context context, Request& request) {
  CO_TRY(const auto product, co_await find(context, request));
  CO_TRY(const bool unchanged, is_not_modified(request, product.row.version));
  if (unchanged) co_return not_modified(product.row.version);
  co_return product_answer(200, product);
}

Task<Result<Response>> change_product(Context context, Request& request) {
  CO_TRY(const auto product, co_await find_own(context, request));
  CO_TRY(const auto precondition, if_match(request, product.row.version));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"name", "tracked"});
  const stock::ChangeProduct wish{reader.optional_text("name", name_characters_max), reader.optional_flag("tracked")};
  if (!faults.any() && !wish.name && !wish.tracked) faults.shape.push_back({"", "must have a name, tracked, or both"});
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer, co_await context.api.products.change(product.row.product, wish, precondition.expected,
                                                                 context.api.deadline()));
  co_return product_answer(200, answer.product);
}

Task<Result<Response>> adjust(Context context, Request& request) {
  CO_TRY(const auto product, co_await find_own(context, request));
  CO_TRY(auto key, client_key(request, "POST /v1/products/{id}/stock"));
  if (!key) {
    co_return fail(Errc::invalid_argument,
                   "is missing: send a text of your own choice that is the same when you repeat this request",
                   "Idempotency-Key", "idempotency_key_required");
  }
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"quantity", "reason"});
  stock::AdjustStock wish;
  wish.quantity = reader.integer("quantity", -pieces_max, pieces_max) * 1000;
  wish.reason = reader.optional_text("reason", reason_characters_max).value_or("");
  wish.by = request.principal->user;
  if (!faults.any() && wish.quantity == 0) faults.meaning.push_back({"/quantity", "must not be 0"});
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto adjustment, co_await context.api.products.adjust(product.row.product, std::move(wish),
                                                                     std::move(key), context.api.deadline()));
  JsonWriter json;
  json.begin_object().field("product_id", adjustment.product);
  json.key("quantity").raw(pieces(adjustment.adjusted.quantity));
  write_text_or_null(json, "reason", adjustment.adjusted.reason);
  json.key("available").raw(pieces(adjustment.adjusted.available));
  json.field("version", adjustment.version.value).field("created_at", adjustment.at).end_object();
  auto response = json_text(201, json.take());
  if (adjustment.replayed) response.set("Idempotent-Replayed", "true");
  co_return response;
}

}  // namespace

void add_product_routes(Router& router, Context context) {
  const auto sellers = Access::roles({Role::merchant, Role::admin});
  add(router, context, Method::post, "/v1/products", "v1CreateProduct", sellers, &create_product);
  add(router, context, Method::get, "/v1/products", "v1ListProducts", Access::signed_in(), &list_products);
  add(router, context, Method::get, "/v1/products/{id}", "v1GetProduct", Access::signed_in(), &get_product);
  add(router, context, Method::patch, "/v1/products/{id}", "v1PatchProduct", sellers, &change_product);
  add(router, context, Method::post, "/v1/products/{id}/stock", "v1AdjustStock", sellers, &adjust);
}

}  // namespace edda::http::v1
