#include "crypto/token_payload.hpp"

#include <boost/json.hpp>

namespace edda::crypto {
namespace {

namespace json = boost::json;

constexpr std::string_view issuer = "edda";

std::string_view kind_name(TokenKind kind) { return kind == TokenKind::access ? "access" : "refresh"; }

std::int64_t seconds_of(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* number = value ? value->if_int64() : nullptr;
  return number ? std::optional(*number) : std::nullopt;
}

std::optional<Timestamp> time_of(const json::object& object, std::string_view name) {
  // Beyond the year 9999 the microseconds of a Timestamp would soon overflow.
  constexpr std::int64_t seconds_max = 253'402'300'799;
  const auto seconds = number_of(object, name);
  if (!seconds || *seconds < 0 || *seconds > seconds_max) return std::nullopt;
  return Timestamp(std::chrono::seconds(*seconds));
}

template <class IdType>
std::optional<IdType> id_of(const json::object& object, std::string_view name) {
  const auto text = text_of(object, name);
  return text ? parse_id<IdType>(*text) : std::nullopt;
}

std::optional<json::value> parse(std::string_view text) {
  json::error_code error;
  auto value = json::parse(text, error);
  return error ? std::nullopt : std::optional(std::move(value));
}

/// The claims that our own tokens have and the replaced system's lack.
bool read_own_claims(const json::object& object, std::string_view audience, TokenClaims& claims) {
  const auto kind = text_of(object, "typ");
  const auto generation = number_of(object, "gen");
  const auto session = id_of<SessionId>(object, "sid");
  if (text_of(object, "iss") != issuer || text_of(object, "aud") != audience || !generation || !session) return false;
  claims.generation = *generation;
  claims.session = *session;
  if (kind == kind_name(TokenKind::access)) {
    claims.kind = TokenKind::access;
    return true;
  }
  const auto id = id_of<TokenId>(object, "jti");
  if (kind != kind_name(TokenKind::refresh) || !id) return false;
  claims.kind = TokenKind::refresh;
  claims.id = *id;
  return true;
}

}  // namespace

std::string payload_json(const TokenClaims& claims, std::string_view audience) {
  json::object object{{"sub", to_string(claims.user)},
                      {"email", claims.email},
                      {"role", to_string(claims.role)},
                      {"iat", seconds_of(claims.issued_at)},
                      {"exp", seconds_of(claims.expires_at)},
                      {"iss", issuer},
                      {"aud", audience},
                      {"typ", kind_name(claims.kind)},
                      {"gen", claims.generation},
                      {"sid", to_string(claims.session)}};
  if (claims.kind == TokenKind::refresh) object["jti"] = to_string(claims.id);
  return json::serialize(object);
}

std::optional<TokenPayload> parse_payload(std::string_view text, std::string_view audience) {
  const auto value = parse(text);
  const auto* object = value ? value->if_object() : nullptr;
  if (!object) return std::nullopt;
  const auto user = id_of<UserId>(*object, "sub");
  const auto email = text_of(*object, "email");
  const auto role_name = text_of(*object, "role");
  const auto role = role_name ? parse_role(*role_name) : std::nullopt;
  const auto issued_at = time_of(*object, "iat");
  const auto expires_at = time_of(*object, "exp");
  if (!user || !email || !role || !issued_at || !expires_at) return std::nullopt;

  TokenPayload payload;
  payload.claims.user = *user;
  payload.claims.email = *email;
  payload.claims.role = *role;
  payload.claims.issued_at = *issued_at;
  payload.claims.expires_at = *expires_at;
  if (object->contains("nbf")) {
    payload.not_before = time_of(*object, "nbf");
    if (!payload.not_before) return std::nullopt;
  }
  payload.legacy = !object->contains("iss") && !object->contains("aud") && !object->contains("typ");
  if (!payload.legacy && !read_own_claims(*object, audience, payload.claims)) return std::nullopt;
  return payload;
}

bool is_our_header(std::string_view text) {
  const auto value = parse(text);
  const auto* object = value ? value->if_object() : nullptr;
  if (!object || text_of(*object, "alg") != "HS256") return false;
  return object->size() == 1 || (object->size() == 2 && text_of(*object, "typ") == "JWT");
}

}  // namespace edda::crypto
