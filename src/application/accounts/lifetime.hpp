#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace edda::accounts {

/// A token's lifetime as deployments set it in JWT_EXPIRES_IN: a whole number and a unit (s, m, h, d, w), "24h" or "7
/// d". A bare number is seconds, as in the token itself. nullopt for anything else, for zero, and above ten years.
std::optional<std::chrono::seconds> parse_lifetime(std::string_view text);

}  // namespace edda::accounts
