#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "accounts/account_service.hpp"
#include "base/json_writer.hpp"
#include "http/routes/authentication.hpp"
#include "http/routes/old_routes.hpp"
#include "http/routes/old_support.hpp"

namespace edda::http::old {
namespace {

accounts::Client client_of(const Request& request) {
  return {request.client_address, std::string(request.header("User-Agent").value_or(""))};
}

void write_user_fields(JsonWriter& json, const User& user) {
  json.field("id", user.id)
      .field("email", user.email)
      .field("firstName", user.first_name)
      .field("lastName", user.last_name)
      .field("role", to_string(user.role))
      .field("status", to_string(user.status));
}

std::string signed_in_body(const accounts::SignedIn& signed_in) {
  JsonWriter json;
  json.begin_object()
      .field("accessToken", signed_in.tokens.access_token)
      .field("refreshToken", signed_in.tokens.refresh_token)
      .key("user")
      .begin_object();
  write_user_fields(json, signed_in.user);
  json.end_object().end_object();
  return json.take();
}

// "email must be an email", "property foo should not exist": the property is the first word that is one.
FieldError from_message(const std::string& message) {
  constexpr std::string_view unknown = "property ";
  const std::size_t begin = message.starts_with(unknown) ? unknown.size() : 0;
  return {pointer_append("", std::string_view(message).substr(begin, message.find(' ', begin) - begin)), message};
}

Response refusal(const Request& request, const std::vector<std::string>& messages) {
  std::vector<FieldError> errors;
  for (const std::string& message : messages) errors.push_back(from_message(message));
  return old::invalid(request, std::move(errors));
}

Task<Result<Response>> sign_up(Api& api, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  const auto object = to_boost(body).as_object();
  if (const auto messages = accounts::validate_registration(object); !messages.empty()) {
    co_return refusal(request, messages);
  }
  CO_TRY(const auto signed_in,
         co_await api.accounts.sign_up(accounts::to_registration(object), client_of(request), api.deadline()));
  co_return json_text(201, signed_in_body(signed_in));
}

Task<Result<Response>> log_in(Api& api, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  const auto object = to_boost(body).as_object();
  if (const auto messages = accounts::validate_credentials(object); !messages.empty()) {
    co_return refusal(request, messages);
  }
  auto credentials = accounts::to_credentials(object);
  CO_TRY(const auto signed_in,
         co_await api.accounts.login(std::move(credentials.email), std::move(credentials.password), client_of(request),
                                     api.deadline()));
  co_return json_text(200, signed_in_body(signed_in));
}

Task<Result<Response>> log_out(Api& api, Request& request) {
  CO_TRY_VOID(
      co_await api.accounts.void_refresh_token(std::string(bearer_token(request).value_or("")), api.deadline()));
  co_return json_text(200, R"({"message":"Logout successful"})");
}

Task<Result<Response>> profile(Api& api, Request& request) {
  CO_TRY(const User user, co_await api.accounts.profile(request.principal->user, api.deadline()));
  JsonWriter json;
  json.begin_object();
  write_user_fields(json, user);
  json.field("emailVerified", user.email_verified)
      .field("createdAt", user.created_at)
      .field("updatedAt", user.updated_at)
      .field("fullName", user.first_name + " " + user.last_name)
      .end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> greet_signed_in(Api& api, Request& request) {
  JsonWriter json;
  json.begin_object().field("message", "인증된 사용자만 볼 수 있는 데이터입니다! 🔒").key("user").begin_object();
  json.field("id", request.principal->user)
      .field("email", request.principal->email)
      .field("role", to_string(request.principal->role))
      .end_object();
  json.field("timestamp", api.clock.now()).end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_auth_routes(Router& router, Api& api) {
  add(router, api, Method::post, "/auth/register", "register", Access::open(), &sign_up);
  add(router, api, Method::post, "/auth/login", "login", Access::open(), &log_in);
  add(router, api, Method::post, "/auth/logout", "logout", Access::signed_in(), &log_out);
  add(router, api, Method::get, "/auth/profile", "profile", Access::signed_in(), &profile);
  add(router, api, Method::get, "/protected", "protected", Access::signed_in(), &greet_signed_in);
}

}  // namespace edda::http::old
