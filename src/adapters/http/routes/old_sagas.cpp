#include <fmt/format.h>

#include "http/routes/old_ids.hpp"
#include "http/routes/old_render.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"
#include "operators/operator_service.hpp"
#include "ports/read_limits.hpp"
#include "queries/alias.hpp"
#include "queries/trace.hpp"
#include "saga/definitions.hpp"

namespace edda::http::old {
namespace {

using Write = void (*)(JsonWriter&, const SagaRecord&, const OrderRecord&);

// Every shape of a saga shows what its order was made of. Orders are read one by one: together they may be large.
Task<Result<void>> write_sagas(JsonWriter& json, Api& api, const std::vector<SagaRecord>& sagas, Write write,
                               Deadline deadline) {
  OldIds ids(api.store, deadline);
  json.key("sagas").begin_array();
  for (SagaRecord saga : sagas) {
    if (json.text().size() > answer_bytes_max) break;
    CO_TRY(const auto order, co_await api.views.find_order(saga.row.order, deadline));
    if (!order) co_return fail(Errc::corrupt, fmt::format("saga {} has no order", to_string(saga.row.id)));
    CO_TRY_VOID(co_await ids.show(saga));
    write(json, saga, *order);
  }
  json.end_array();
  co_return Result<void>{};
}

SagaFilter visible_sagas(const Request& request) {
  SagaFilter filter;
  filter.user = visibility_of(request).only;
  return filter;
}

Task<Result<Response>> list_sagas(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  CO_TRY(const PageQuery page, page_query(request));
  CO_TRY(const auto sagas, co_await api.views.list_sagas(visible_sagas(request), page.window(), deadline));
  JsonWriter json;
  json.begin_object();
  CO_TRY_VOID(co_await write_sagas(json, api, sagas.items, &write_saga, deadline));
  write_page_fields(json, page, sagas.total);
  json.end_object();
  co_return json_text(200, json.take());
}

void write_saga_of_status(JsonWriter& json, const SagaRecord& saga, const OrderRecord& order) {
  json.begin_object()
      .field("id", saga.row.id)
      .field("sagaType", saga.row.definition)
      .field("correlationId", saga.row.order);
  write_nullable(json, "currentStep", saga.row.current_step);
  write_saga_data(json, order);
  write_nullable(json, "errorMessage", error_message(saga.row));
  json.field("createdAt", saga.created_at).end_object();
}

Task<Result<Response>> list_by_status(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  const std::string status(request.param("status"));
  auto statuses = saga_statuses(status);
  if (!statuses) {
    co_return fail(Errc::invalid_argument,
                   "status must be one of started, completed, failed, compensating, compensated", "status");
  }
  SagaFilter filter = visible_sagas(request);
  filter.statuses = *std::move(statuses);
  CO_TRY(const auto sagas, co_await api.views.list_sagas(std::move(filter), capped_window(), deadline));
  JsonWriter json;
  json.begin_object().field("status", status).field("count", sagas.total);
  CO_TRY_VOID(co_await write_sagas(json, api, sagas.items, &write_saga_of_status, deadline));
  json.end_object();
  co_return json_text(200, json.take());
}

Response no_saga(std::string_view field, std::string_view value) {
  JsonWriter json;
  json.begin_object().field("message", "Saga not found").field(field, value).end_object();
  return json_text(200, json.take());
}

Task<Result<Response>> one_saga(Api& api, SagaRecord saga, const OrderRecord& order) {
  OldIds ids(api.store, api.deadline());
  CO_TRY_VOID(co_await ids.show(saga));
  JsonWriter json;
  write_saga(json, saga, order);
  co_return json_text(200, json.take());
}

Task<Result<Response>> get_by_correlation(Api& api, Request& request) {
  const std::string correlation(request.param("correlationId"));
  queries::Trace trace(api.views, api.store, api.orders);
  CO_TRY(const auto order, co_await trace.find_by_correlation(correlation, visibility_of(request), api.deadline()));
  if (!order) co_return no_saga("correlationId", correlation);
  CO_TRY(const auto saga, co_await api.views.find_saga(order->row.saga, api.deadline()));
  if (!saga) co_return no_saga("correlationId", correlation);
  co_return co_await one_saga(api, *saga, *order);
}

Task<Result<Response>> get_saga(Api& api, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const auto saga, co_await queries::find_saga(api.views, api.store, SagaId{id}, api.deadline()));
  if (!saga || !visibility_of(request).allows(saga->row.user)) co_return no_saga("id", to_string(id));
  CO_TRY(const auto order, co_await api.views.find_order(saga->row.order, api.deadline()));
  if (!order) co_return no_saga("id", to_string(id));
  co_return co_await one_saga(api, *saga, *order);
}

void write_order_saga(JsonWriter& json, const SagaRecord& saga, const OrderRecord& order) {
  json.begin_object().field("id", saga.row.id).field("correlationId", saga.row.order);
  write_saga_progress(json, saga.row, true);
  json.field("orderId", saga.row.order).field("userId", saga.row.user);
  write_amount(json, "totalAmount", order.row.total);
  json.field("createdAt", saga.created_at).field("updatedAt", saga.updated_at).end_object();
}

Task<Result<Response>> list_order_sagas(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  SagaFilter filter = visible_sagas(request);
  filter.definition = std::string(saga::order_processing.name);
  CO_TRY(const auto sagas, co_await api.views.list_sagas(std::move(filter), capped_window(), deadline));
  JsonWriter json;
  json.begin_object().field("sagaType", saga::order_processing.name).field("count", sagas.total);
  CO_TRY_VOID(co_await write_sagas(json, api, sagas.items, &write_order_saga, deadline));
  json.end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> list_active(Api& api, Request& request) {
  const Deadline deadline = api.deadline();
  SagaFilter filter = visible_sagas(request);
  filter.statuses = {SagaStatus::started, SagaStatus::compensating};
  CO_TRY(const auto sagas, co_await api.views.list_sagas(std::move(filter), capped_window(), deadline));
  JsonWriter json;
  json.begin_object().field("count", sagas.total);
  CO_TRY_VOID(co_await write_sagas(json, api, sagas.items, &write_saga, deadline));
  json.end_object();
  co_return json_text(200, json.take());
}

struct Ask {
  saga::OperatorAction action;
  std::string_view reason;   ///< where the request gives none
  std::string_view message;
};
constexpr Ask retry_asked{saga::OperatorAction::retry, "Retried over the unversioned route", "Saga retry requested"};
constexpr Ask compensate_asked{saga::OperatorAction::compensate, "Compensated over the unversioned route",
                               "Saga compensation requested"};

/// The body's reason, if there is one.
Result<std::optional<std::string>> reason_of(const Request& request) {
  constexpr std::size_t bytes_max = 500;
  TRY(const JsonValue body, parse_body(request));
  const JsonValue* reason = body.find("reason");
  if (reason == nullptr) return std::optional<std::string>{};
  const std::string* text = reason->as_string();
  if (text == nullptr || text->empty() || text->size() > bytes_max || has_control_or_bidi(*text))
    return fail(Errc::invalid_argument, "reason must be a text of 1 to 500 bytes", "reason");
  return std::optional(*text);
}

/// What the replaced system promised and lacked. It says what it asked for; the saga goes on from there.
Task<Result<Response>> ask(Api& api, const Request& request, Ask what) {
  CO_TRY(const Uuid id, uuid_param(request, "sagaId"));
  CO_TRY(auto reason, reason_of(request));
  CO_TRY(const auto saga, co_await queries::find_saga(api.views, api.store, SagaId{id}, api.deadline()));
  if (!saga) co_return fail(Errc::not_found, "Saga not found");
  auto actor = accounts::actor_of(*request.principal, std::move(reason).value_or(std::string(what.reason)));
  CO_TRY(auto acted, co_await api.operators.act({saga->row.id, saga->row.order}, {.action = what.action},
                                                std::move(actor), std::nullopt, api.deadline(), request.trace));
  OldIds ids(api.store, api.deadline());
  CO_TRY_VOID(co_await ids.show(acted.saga));
  const SagaRow& row = acted.saga.row;
  JsonWriter json;
  json.begin_object().field("message", what.message).field("sagaId", row.id).field("correlationId", row.order);
  write_saga_progress(json, row, true);
  json.end_object();
  co_return json_text(201, json.take());
}

Task<Result<Response>> retry_saga(Api& api, Request& request) { co_return co_await ask(api, request, retry_asked); }
Task<Result<Response>> compensate_saga(Api& api, Request& request) {
  co_return co_await ask(api, request, compensate_asked);
}

}  // namespace

void add_saga_routes(Router& router, Api& api) {
  const Access access = Access::signed_in();
  add(router, api, Method::get, "/sagas", "listSagas", access, &list_sagas);
  add(router, api, Method::get, "/sagas/status/{status}", "listSagasByStatus", access, &list_by_status);
  add(router, api, Method::get, "/sagas/correlation/{correlationId}", "getSagaByCorrelation", access,
      &get_by_correlation);
  add(router, api, Method::get, "/sagas/orders/processing", "listOrderSagas", access, &list_order_sagas);
  add(router, api, Method::get, "/sagas/{id}", "getSaga", access, &get_saga);
  add(router, api, Method::get, "/saga/status/{correlationId}", "getSagaStatus", access, &get_by_correlation);
  add(router, api, Method::get, "/saga/active", "listActiveSagas", access, &list_active);
  const Access staff = Access::roles({Role::operator_, Role::admin});
  add(router, api, Method::post, "/saga/retry/{sagaId}", "retrySaga", staff, &retry_saga);
  add(router, api, Method::post, "/saga/compensate/{sagaId}", "compensateSaga", staff, &compensate_saga);
}

}  // namespace edda::http::old
