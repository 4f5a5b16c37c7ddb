#include "accounts/account_service.hpp"
#include "http/routes/v1_body.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

constexpr std::size_t user_rows_default = 20;
constexpr std::size_t user_rows_max = 100;

Response user_answer(const User& user) {
  JsonWriter json;
  write_user(json, user);
  return json_text(200, json.take());
}

Task<Result<Response>> list_users(Context context, Request& request) {
  UserFilter filter;
  CO_TRY(filter.email, text_query(request, "email", 254));
  CO_TRY(filter.role, enum_query<Role>(request, "role", &parse_role));
  CO_TRY(filter.status, enum_query<UserStatus>(request, "status", &parse_user_status));
  CO_TRY(const auto limit, limit_query(request, user_rows_default, user_rows_max));
  const auto cursor = request.query("cursor");
  if (cursor && cursor->empty()) co_return invalid_parameter("cursor", "is empty: leave it out for the first page");
  CO_TRY(const auto page, co_await context.api.accounts.list_users(filter, std::string(cursor.value_or("")), limit,
                                                                   context.api.deadline()));
  JsonWriter json;
  json.begin_object().key("users").begin_array();
  for (const User& user : page.items) write_user(json, user);
  json.end_array();
  write_page_end(json, page.has_more, page.cursor);
  json.end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> get_user(Context context, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  const auto user = co_await context.api.accounts.profile(UserId{id}, context.api.deadline());
  if (!user && user.error().code == Errc::unauthenticated) co_return not_found("user");
  CO_TRY_VOID(user);
  co_return user_answer(*user);
}

struct Patch {
  accounts::AccessChange access;
  std::string reason;
};

template <class Enum>
std::optional<Enum> choice(FieldReader& reader, std::string_view name, std::optional<Enum> (*parse)(std::string_view)) {
  if (!reader.has(name)) return std::nullopt;
  const auto text = reader.optional_text(name, 50);
  const auto value = parse(text.value_or(""));
  if (!value) reader.wrong(name, "is none of the values this may have");
  return value;
}

Patch read_patch(const JsonValue& body, Faults& faults) {
  FieldReader reader(body, "", faults, {"role", "status", "reason"});
  Patch patch;
  patch.access.role = choice<Role>(reader, "role", &parse_role);
  patch.access.status = choice<UserStatus>(reader, "status", &parse_user_status);
  patch.reason = reader.optional_text("reason", 500).value_or("");
  if (!faults.any() && !patch.access.role && !patch.access.status) {
    faults.shape.push_back({"", "must have a role, a status or both"});
  }
  return patch;
}

Task<Result<Response>> change_user(Context context, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  const Patch patch = read_patch(body, faults);
  if (faults.any()) co_return faults.answer(request);
  const auto actor = accounts::actor_of(*request.principal, patch.reason);
  CO_TRY(const User changed, co_await context.api.accounts.change_access(actor, UserId{id}, patch.access,
                                                                        context.api.deadline()));
  co_return user_answer(changed);
}

}  // namespace

void add_user_routes(Router& router, Context context) {
  const auto admin = Access::roles({Role::admin});
  add(router, context, Method::get, "/v1/users", "v1ListUsers", admin, &list_users);
  add(router, context, Method::get, "/v1/users/{id}", "v1GetUser", admin, &get_user);
  add(router, context, Method::patch, "/v1/users/{id}", "v1PatchUser", admin, &change_user);
}

}  // namespace edda::http::v1
