#pragma once

#include <chrono>
#include <string>

#include "crypto/hmac.hpp"
#include "crypto/payload_cache.hpp"
#include "ports/crypto.hpp"

namespace edda::crypto {

struct TokenSettings {
  std::string access_secret;
  std::string refresh_secret;
  std::string audience = "edda-api";
  bool accept_legacy = false;  ///< access tokens of the replaced system: without iss, aud and typ
  /// By how much the issuing machine's clock may be ahead (iat, nbf), 60 s at most. An expired token gets no leeway.
  std::chrono::seconds leeway{30};
};

/// JWTs by HS256: {sub, email, role, iat, exp} as in the replaced system, and iss "edda", aud, typ ("access",
/// "refresh"), gen (the user's generation), sid (session) and, in refresh tokens, jti. A token whose header names
/// anything but alg HS256 and typ JWT is refused: no key is ever looked up by a token's word (RFC 8725).
class JwtSigner final : public TokenSigner {
 public:
  explicit JwtSigner(TokenSettings settings);

  std::string sign(const TokenClaims& claims) override;
  Result<TokenClaims> verify(std::string_view token, TokenKind kind, Timestamp now) override;

 private:
  std::optional<TokenPayload> read(std::string_view payload, const Mac& mac, TokenKind kind);
  Hmac& key_of(TokenKind kind) { return kind == TokenKind::access ? access_key_ : refresh_key_; }

  const std::string audience_;
  const bool accept_legacy_;
  const std::chrono::seconds leeway_;
  Hmac access_key_;
  Hmac refresh_key_;
  PayloadCache read_lately_;
};

}  // namespace edda::crypto
