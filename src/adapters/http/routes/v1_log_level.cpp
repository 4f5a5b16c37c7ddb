#include "base/json_writer.hpp"
#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_routes.hpp"
#include "operators/log_level_service.hpp"

namespace edda::http::v1 {
namespace {

Task<Result<Response>> get_log_level(Context context, Request&) {
  const auto& log = context.operations.log_level;
  JsonWriter json;
  json.begin_object().field("node", log.node()).field("level", to_string(log.level())).end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> change_log_level(Context context, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"level", "reason"});
  const auto level = parse_log_level(reader.text("level", 1, 10));
  std::string reason = reader.text("reason", 1, reason_characters_max);
  if (!faults.any() && !level) reader.wrong("level", "must be one of debug, info, warn, error");
  if (faults.any()) co_return faults.answer(request);
  auto& log = context.operations.log_level;
  const LogLevel from = co_await log.change(*level, accounts::actor_of(*request.principal, std::move(reason)), context.api.deadline());
  JsonWriter json;
  json.begin_object().field("node", log.node()).field("from", to_string(from)).field("to", to_string(*level)).end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_log_level_routes(Router& router, Context context) {
  const auto admin = Access::roles({Role::admin});
  add(router, context, Method::get, "/v1/admin/log-level", "v1GetLogLevel", admin, &get_log_level);
  add(router, context, Method::post, "/v1/admin/log-level", "v1ChangeLogLevel", admin, &change_log_level);
}

}  // namespace edda::http::v1
