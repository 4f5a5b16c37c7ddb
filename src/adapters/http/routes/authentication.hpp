#pragma once

#include <optional>
#include <string_view>

#include "http/message.hpp"

namespace edda::http {

/// The token of "Authorization: Bearer TOKEN"; the scheme's name in any case (RFC 9110). Nothing for any other header.
std::optional<std::string_view> bearer_token(const Request& request);

}  // namespace edda::http
