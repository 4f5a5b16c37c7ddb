#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/timestamp.hpp"

/// Signed webhooks: the header "Edda-Signature: t=<Unix seconds>,v1=<hex of HMAC-SHA-256 over "<t>.<body>">". Several v1 may stand
/// there while a secret is being changed; one that holds is enough.
namespace edda::gateway {

inline constexpr std::string_view webhook_signature_header = "Edda-Signature";
/// A webhook that was signed longer ago, or further in the future, is refused: a recorded one cannot be played back later. As Stripe has it.
inline constexpr std::chrono::seconds webhook_tolerance{300};

std::string sign_webhook(std::string_view secret, Timestamp at, std::string_view body);

/// Compares in constant time. Errors: unauthenticated; an empty secret matches nothing.
Result<void> verify_webhook(std::string_view secret, std::string_view signature, std::string_view body, Timestamp now);

}  // namespace edda::gateway
