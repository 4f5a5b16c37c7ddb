#include "http/routes/v1_etag.hpp"
#include "http/routes/v1_events.hpp"
#include "http/routes/v1_list.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "queries/alias.hpp"
#include "turn/order_case.hpp"

namespace edda::http::v1 {
namespace {

Result<std::optional<std::chrono::seconds>> age_query(const Request& request, std::string_view name) {
  const auto text = request.query(name);
  if (!text) return std::optional<std::chrono::seconds>{};
  const auto age = parse_age(*text);
  if (!age) return invalid_parameter(std::string(name), "must be a number with s, m, h or d, as 5m");
  return age;
}

Result<SagaFilter> filter_of(Context context, const Request& request) {
  SagaFilter filter;
  filter.user = visibility_of(request).only;
  TRY(const auto state, enum_query<SagaStatus>(request, "state", &parse_saga_status));
  if (state) filter.statuses = {*state};
  TRY(filter.definition, text_query(request, "definition", 100));
  TRY(filter.step, text_query(request, "step", 100));
  TRY(filter.error_contains, text_query(request, "error", 200));
  TRY(const auto age, age_query(request, "older_than"));
  if (age) filter.created_before = context.api.clock.now() - *age;
  return filter;
}

Task<Result<Response>> list_sagas(Context context, Request& request) {
  const auto scope = scope_of(context, 's');
  CO_TRY(auto filter, filter_of(context, request));
  CO_TRY(const auto window, window_query(request, scope));
  auto sagas = queries::read_sagas(context.api.views, std::move(filter), window, context.api.deadline());
  co_return co_await list_page<SagaRecord>("sagas", scope, std::move(sagas), [](JsonWriter& json, const SagaRecord& saga) {
    write_saga(json, saga, nullptr);
  });
}

Task<Result<SagaRecord>> visible_saga(Context context, const Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(auto saga, co_await queries::find_saga(context.api.views, context.api.store, SagaId{id}, context.api.deadline()));
  if (!saga || !visibility_of(request).allows(saga->row.user)) co_return not_found("saga");
  co_return std::move(*saga);
}

/// Folded up to the version of its row, so that both tell of the same instant.
Task<Result<saga::State>> fold(Context context, const SagaRecord& saga) {
  constexpr std::size_t page = 500;
  turn::OrderCase folded;
  StreamVersion at{0};
  while (at < saga.row.version) {
    const auto wanted = std::min(page, static_cast<std::size_t>(saga.row.version.value - at.value));
    CO_TRY(const auto events,
           co_await context.api.store.read_stream(stream_of(saga.row.id), at, wanted, context.api.deadline()));
    if (events.empty()) co_return fail(Errc::corrupt, "A saga's events end before its row.");
    for (const RecordedEvent& event : events) CO_TRY_VOID(turn::apply(folded, event));
    at = events.back().version;
  }
  co_return std::move(folded.sagas.at(0));
}

Task<Result<Response>> get_saga(Context context, Request& request) {
  CO_TRY(const auto saga, co_await visible_saga(context, request));
  CO_TRY(const bool unchanged, is_not_modified(request, saga.row.version));
  if (unchanged) co_return not_modified(saga.row.version);
  CO_TRY(const auto folded, co_await fold(context, saga));
  co_return saga_answer(200, saga, folded);
}

Task<Result<Response>> history(Context context, Request& request) {
  CO_TRY(const auto saga, co_await visible_saga(context, request));
  CO_TRY(const auto page, co_await stream_page(context, request, stream_of(saga.row.id)));
  JsonWriter json;
  json.begin_object();
  write_events(json, page.events);
  write_page_end(json, page.has_more, page.next_cursor);
  json.end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_saga_routes(Router& router, Context context) {
  add(router, context, Method::get, "/v1/sagas", "v1ListSagas", Access::signed_in(), &list_sagas);
  add(router, context, Method::get, "/v1/sagas/{id}", "v1GetSaga", Access::signed_in(), &get_saga);
  add(router, context, Method::get, "/v1/sagas/{id}/history", "v1GetSagaHistory", Access::signed_in(), &history);
}

}  // namespace edda::http::v1
