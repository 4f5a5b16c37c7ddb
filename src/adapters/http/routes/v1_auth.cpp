#include <boost/json/object.hpp>

#include "accounts/account_service.hpp"
#include "accounts/registration.hpp"
#include "base/json_writer.hpp"
#include "http/routes/authentication.hpp"
#include "http/routes/v1_body.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

accounts::Client client_of(const Request& request) {
  return {request.client_address, std::string(request.header("User-Agent").value_or(""))};
}

Response signed_in(int status, const accounts::SignedIn& answer) {
  JsonWriter json;
  json.begin_object()
      .field("access_token", answer.tokens.access_token)
      .field("token_type", "Bearer")
      .field("expires_in", static_cast<std::int64_t>(answer.tokens.access_lifetime.count()))
      .field("refresh_token", answer.tokens.refresh_token)
      .key("user");
  write_user(json, answer.user);
  json.end_object();
  return json_text(status, json.take()).set("Cache-Control", "no-store");
}

// The rules of a registration are the same on both interfaces; only the names of the fields differ. A complaint begins with the
// name of its field: "firstName must be shorter than ...".
void check_registration(const accounts::Registration& registration, Faults& faults) {
  const boost::json::object body{{"email", registration.email},
                                 {"password", registration.password},
                                 {"firstName", registration.first_name},
                                 {"lastName", registration.last_name}};
  for (const std::string& complaint : accounts::validate_registration(body)) {
    const auto space = complaint.find(' ');
    std::string name = complaint.substr(0, space);
    if (name == "firstName") name = "first_name";
    if (name == "lastName") name = "last_name";
    faults.shape.push_back({"/" + name, complaint.substr(std::min(space + 1, complaint.size()))});
  }
}

Task<Result<Response>> sign_up(Context context, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"email", "password", "first_name", "last_name"});
  accounts::Registration registration;
  registration.email = reader.text("email", 1, 254);
  registration.password = reader.secret("password", 8, password_bytes_max);
  registration.first_name = reader.text("first_name", 0, 50);
  registration.last_name = reader.text("last_name", 0, 50);
  if (!faults.any()) check_registration(registration, faults);
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer,
         co_await context.api.accounts.sign_up(std::move(registration), client_of(request), context.api.deadline()));
  co_return signed_in(201, answer);
}

Task<Result<Response>> log_in(Context context, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"email", "password"});
  std::string email = reader.secret("email", 1, 254);
  std::string password = reader.secret("password", 1, password_bytes_max);
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer, co_await context.api.accounts.login(std::move(email), std::move(password),
                                                                client_of(request), context.api.deadline()));
  co_return signed_in(200, answer);
}

Task<Result<Response>> refresh(Context context, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"refresh_token"});
  std::string token = reader.secret("refresh_token", 1, 4096);
  if (faults.any()) co_return faults.answer(request);
  CO_TRY(const auto answer,
         co_await context.api.accounts.refresh(std::move(token), client_of(request), context.api.deadline()));
  co_return signed_in(200, answer);
}

Task<Result<Response>> log_out(Context context, Request& request) {
  CO_TRY_VOID(no_body(request));
  CO_TRY_VOID(co_await context.api.accounts.logout(std::string(bearer_token(request).value_or("")),
                                                   context.api.deadline()));
  co_return empty(204);
}

}  // namespace

void add_auth_routes(Router& router, Context context) {
  add(router, context, Method::post, "/v1/auth/register", "v1Register", Access::open(), &sign_up);
  add(router, context, Method::post, "/v1/auth/login", "v1Login", Access::open(), &log_in);
  add(router, context, Method::post, "/v1/auth/refresh", "v1Refresh", Access::open(), &refresh);
  add(router, context, Method::post, "/v1/auth/logout", "v1Logout", Access::signed_in(), &log_out);
}

}  // namespace edda::http::v1
