#pragma once

#include <string_view>
#include <vector>

#include "cli/hooks.hpp"

namespace edda::cli {

/// The users of the replaced system, as `SELECT json_agg(users) FROM users` prints them.
/// Errors: invalid_argument, with the row and the field. Hashes are never repeated.
Result<std::vector<UserRow>> parse_user_rows(std::string_view json);

}  // namespace edda::cli
