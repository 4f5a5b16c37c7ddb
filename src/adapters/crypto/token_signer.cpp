#include "crypto/token_signer.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "crypto/base64url.hpp"
#include "crypto/token_payload.hpp"

namespace edda::crypto {
namespace {

/// {"alg":"HS256","typ":"JWT"}, as we write it and as the replaced system did: compared before anything is parsed.
constexpr std::string_view usual_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// Ours have about 450 bytes. A longer one is not worth hashing.
constexpr std::size_t token_bytes_max = 2048;
constexpr std::chrono::seconds leeway_max{60};
/// Some 300 bytes each: 1.2 MB when full.
constexpr std::size_t payloads_read_lately_max = 4096;

std::unexpected<Error> unauthorized() { return fail(Errc::unauthenticated, "Unauthorized"); }

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signed_text;  ///< header and payload with the dot between them
  std::string_view signature;
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > token_bytes_max) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == last || token.find('.', first + 1) != last) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1), token.substr(0, last),
               token.substr(last + 1)};
}

bool header_is_good(std::string_view header) {
  if (header == usual_header) return true;
  const auto json = from_base64url(header);
  return json && is_our_header(*json);
}

std::string_view as_text(const Mac& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

}  // namespace

JwtSigner::JwtSigner(TokenSettings settings)
    : audience_(std::move(settings.audience)),
      accept_legacy_(settings.accept_legacy),
      leeway_(std::min(settings.leeway, leeway_max)),
      access_key_(settings.access_secret),
      refresh_key_(settings.refresh_secret),
      read_lately_(payloads_read_lately_max) {
  EDDA_ASSERT(sodium_init() >= 0);
}

std::string JwtSigner::sign(const TokenClaims& claims) {
  std::string token(usual_header);
  token += '.';
  token += to_base64url(payload_json(claims, audience_));
  const Mac mac = key_of(claims.kind).mac(token);
  token += '.';
  token += to_base64url(as_text(mac));
  return token;
}

Result<TokenClaims> JwtSigner::verify(std::string_view token, TokenKind kind, Timestamp now) {
  const auto parts = split(token);
  if (!parts || !header_is_good(parts->header)) return unauthorized();
  const auto signature = from_base64url(parts->signature);
  const Mac mac = key_of(kind).mac(parts->signed_text);
  if (!signature || !equal_in_constant_time(mac, *signature)) return unauthorized();

  auto payload = read(parts->payload, mac, kind);
  if (!payload || payload->claims.kind != kind) return unauthorized();
  if (payload->legacy && (!accept_legacy_ || kind != TokenKind::access)) return unauthorized();
  const TokenClaims& claims = payload->claims;
  if (now >= claims.expires_at || claims.issued_at > now + leeway_) return unauthorized();
  if (payload->not_before && *payload->not_before > now + leeway_) return unauthorized();
  return std::move(payload->claims);
}

std::optional<TokenPayload> JwtSigner::read(std::string_view text, const Mac& mac, TokenKind kind) {
  // A refresh token comes once.
  if (kind == TokenKind::access) {
    if (auto payload = read_lately_.find(mac)) return payload;
  }
  const auto json = from_base64url(text);
  auto payload = json ? parse_payload(*json, audience_) : std::nullopt;
  if (payload && kind == TokenKind::access) read_lately_.put(mac, *payload);
  return payload;
}

}  // namespace edda::crypto
