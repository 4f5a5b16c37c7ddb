#include <fmt/format.h>

#include "accounts/account_service.hpp"
#include "http/routes/v1_body.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

using maintenance::TaskKind;
using maintenance::TaskState;

std::string task_json(const maintenance::TaskStatus& task) {
  JsonWriter json;
  json.begin_object()
      .field("id", task.id)
      .field("kind", to_string(task.kind))
      .field("state", to_string(task.state))
      .field("done", task.done)
      .key("result")
      .raw(task.result.empty() ? std::string_view("null") : std::string_view(task.result));
  write_text_or_null(json, "error", task.error);
  json.field("created_at", task.created_at).field("updated_at", task.updated_at).end_object();
  return json.take();
}

Task<Result<Response>> begin(Context context, Request& request, TaskKind kind, maintenance::BackgroundWork work) {
  CO_TRY_VOID(no_body(request));
  CO_TRY(const auto task, context.operations.tasks.start(kind, std::move(work)));
  CO_TRY_VOID(co_await context.api.accounts.record(accounts::actor_of(*request.principal, {}),
                                                   fmt::format("store.{}", to_string(kind)), to_string(task.id), {},
                                                   context.api.deadline()));
  co_return json_text(202, task_json(task)).set("Location", "/v1/admin/tasks/" + to_string(task.id));
}

Task<Result<Response>> rebuild(Context context, Request& request) {
  co_return co_await begin(context, request, TaskKind::rebuild, context.operations.rebuild);
}

Task<Result<Response>> verify(Context context, Request& request) {
  co_return co_await begin(context, request, TaskKind::verify, context.operations.verify);
}

Task<Result<Response>> check_sagas(Context context, Request& request) {
  co_return co_await begin(context, request, TaskKind::saga_check, context.operations.check_sagas);
}

Task<Result<Response>> backup(Context context, Request& request) {
  if (!context.operations.backup) {
    co_return render(request, Problem{.status = 409,
                                      .detail = "This store is kept by PostgreSQL, which backs it up by its own means.",
                                      .code = "store_elsewhere",
                                      .next = "pg_dump --format=custom --schema=edda, or pg_basebackup with an archive of the log."});
  }
  co_return co_await begin(context, request, TaskKind::backup, context.operations.backup);
}

Task<Result<Response>> get_task(Context context, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  const auto task = context.operations.tasks.find(maintenance::TaskId{id});
  if (!task) co_return not_found("task");
  co_return json_text(200, task_json(*task));
}

void write_audit_entry(JsonWriter& json, const AuditEntry& entry) {
  json.begin_object().field("id", fmt::format("{}", entry.sequence)).field("at", entry.at);
  write_text_or_null(json, "actor_id", entry.actor.is_nil() ? std::string() : to_string(entry.actor));
  write_text_or_null(json, "actor_email", entry.actor_email);
  json.field("action", entry.action);
  write_text_or_null(json, "subject", entry.subject);
  write_text_or_null(json, "reason", entry.reason);
  json.key("details").raw(entry.details.empty() ? std::string_view("null") : std::string_view(entry.details));
  json.end_object();
}

Task<Result<Response>> list_audit(Context context, Request& request) {
  AuditFilter filter;
  CO_TRY(const auto actor, uuid_query(request, "actor"));
  if (actor) filter.actor = UserId{*actor};
  CO_TRY(filter.action, text_query(request, "action", 100));
  CO_TRY(filter.subject, text_query(request, "subject", 255));
  CO_TRY(const auto limit, limit_query(request, 20, 100));
  const auto cursor = request.query("cursor");
  if (cursor && cursor->empty()) co_return invalid_parameter("cursor", "is empty: leave it out for the first page");
  CO_TRY(const auto page, co_await context.api.accounts.list_audit(filter, std::string(cursor.value_or("")), limit,
                                                                   context.api.deadline()));
  JsonWriter json;
  json.begin_object().key("entries").begin_array();
  for (const AuditEntry& entry : page.items) write_audit_entry(json, entry);
  json.end_array();
  write_page_end(json, page.has_more, page.cursor);
  json.end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> config(Context context, Request&) {
  co_return json_text(200, context.operations.render_config()).set("Cache-Control", "no-store");
}

}  // namespace

void add_admin_routes(Router& router, Context context) {
  const auto staff = Access::roles({Role::operator_, Role::admin});
  add(router, context, Method::post, "/v1/admin/rebuild", "v1Rebuild", staff, &rebuild);
  add(router, context, Method::post, "/v1/admin/verify", "v1Verify", staff, &verify);
  add(router, context, Method::post, "/v1/admin/check-sagas", "v1CheckSagas", staff, &check_sagas);
  add(router, context, Method::post, "/v1/admin/backup", "v1Backup", Access::roles({Role::admin}), &backup);
  add(router, context, Method::get, "/v1/admin/tasks/{id}", "v1GetTask", staff, &get_task);
  add(router, context, Method::get, "/v1/audit", "v1ListAudit", staff, &list_audit);
  add(router, context, Method::get, "/v1/config", "v1GetConfig", Access::roles({Role::admin}), &config);
}

}  // namespace edda::http::v1
