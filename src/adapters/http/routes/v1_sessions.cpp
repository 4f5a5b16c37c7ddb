#include "accounts/account_service.hpp"
#include "base/json_writer.hpp"
#include "http/routes/authentication.hpp"
#include "http/routes/v1_body.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

Task<Result<Response>> log_out_everywhere(Context context, Request& request) {
  CO_TRY_VOID(no_body(request));
  CO_TRY_VOID(co_await context.api.accounts.logout_all(*request.principal, context.api.deadline()));
  co_return empty(204);
}

Task<Result<Response>> list_sessions(Context context, Request& request) {
  CO_TRY(const auto sessions,
         co_await context.api.accounts.sessions(request.principal->user, context.api.deadline()));
  const auto own = context.api.accounts.session_of(bearer_token(request).value_or(""));
  JsonWriter json;
  json.begin_object().key("sessions").begin_array();
  for (const Session& session : sessions) {
    json.begin_object()
        .field("id", session.id)
        .field("current", own == session.id)
        .field("created_at", session.created_at)
        .field("used_at", session.used_at)
        .field("expires_at", session.expires_at)
        .field("address", session.address)
        .field("agent", session.agent)
        .end_object();
  }
  json.end_array();
  write_page_end(json, false, {});
  json.end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> close(Context context, Request& request) {
  CO_TRY_VOID(no_body(request));
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  const auto closed = co_await context.api.accounts.close_session(request.principal->user, SessionId{id},
                                                                  context.api.deadline());
  if (!closed && closed.error().code == Errc::not_found) co_return not_found("session");
  CO_TRY_VOID(closed);
  co_return empty(204);
}

}  // namespace

void add_session_routes(Router& router, Context context) {
  add(router, context, Method::post, "/v1/auth/logout-all", "v1LogoutAll", Access::signed_in(), &log_out_everywhere);
  add(router, context, Method::get, "/v1/auth/sessions", "v1ListSessions", Access::signed_in(), &list_sessions);
  add(router, context, Method::delete_, "/v1/auth/sessions", "v1DeleteSessions", Access::signed_in(),
      &log_out_everywhere);
  add(router, context, Method::delete_, "/v1/auth/sessions/{id}", "v1DeleteSession", Access::signed_in(), &close);
}

}  // namespace edda::http::v1
