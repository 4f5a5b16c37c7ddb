#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace edda::accounts {

/// The code points of UTF-8; nullopt where it is not well formed (RFC 3629: no overlong forms, no surrogates).
std::optional<std::u32string> code_points(std::string_view utf8);

}  // namespace edda::accounts
