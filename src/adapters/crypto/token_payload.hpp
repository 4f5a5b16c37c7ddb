#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/crypto.hpp"

namespace edda::crypto {

/// What a payload says beside the claims.
struct TokenPayload {
  TokenClaims claims;
  std::optional<Timestamp> not_before;
  bool legacy = false;  ///< iss, aud and typ are all absent
};

std::string payload_json(const TokenClaims& claims, std::string_view audience);
/// nullopt when a claim is missing or of another type, or when issuer or audience are not ours.
std::optional<TokenPayload> parse_payload(std::string_view json, std::string_view audience);
/// True for the JSON objects {"alg":"HS256"} and {"alg":"HS256","typ":"JWT"}, in any order.
bool is_our_header(std::string_view json);

}  // namespace edda::crypto
