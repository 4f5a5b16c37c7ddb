#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "operators/parked.hpp"

namespace edda::http::v1 {
namespace {

/// As POST /v1/batches takes it.
void write_filter(JsonWriter& json, const operators::ParkedGroup& group) {
  json.key("filter").begin_object().field("state", to_string(SagaStatus::parked)).field("definition", group.definition);
  if (!group.step.empty()) json.field("step", group.step);
  if (!group.error_contains.empty()) json.field("error", group.error_contains);
  json.end_object();
}

void write_group(JsonWriter& json, const operators::ParkedGroup& group) {
  json.begin_object().field("definition", group.definition);
  write_text_or_null(json, "step", group.step);
  write_text_or_null(json, "error", group.error);
  json.field("count", group.count).field("oldest_at", group.oldest_at).key("saga_ids").begin_array();
  for (const SagaId id : group.examples) json.value(id);
  json.end_array();
  write_filter(json, group);
  json.end_object();
}

Task<Result<Response>> list_parked(Context context, Request&) {
  CO_TRY(const auto parked, co_await operators::group_parked(context.api.views, context.api.deadline()));
  JsonWriter json;
  json.begin_object().field("total", parked.total).field("truncated", parked.truncated).key("groups").begin_array();
  for (const auto& group : parked.groups) write_group(json, group);
  json.end_array().end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_parked_routes(Router& router, Context context) {
  add(router, context, Method::get, "/v1/parked", "v1ListParked", staff, &list_parked);
}

}  // namespace edda::http::v1
