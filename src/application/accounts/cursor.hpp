#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace edda::accounts {

// Where a list goes on. Opaque to clients: hexadecimal with a letter that tells the list, so that one list's cursor is
// no other's.
std::string user_cursor(UserId last);
std::optional<UserId> parse_user_cursor(std::string_view cursor);
std::string audit_cursor(std::int64_t last_sequence);
std::optional<std::int64_t> parse_audit_cursor(std::string_view cursor);

}  // namespace edda::accounts
