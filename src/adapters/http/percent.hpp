#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace edda::http {

/// Appends `text` to `out` with its percent-encoding undone; `plus_is_space` for query strings.
/// Errors: invalid_argument for "%" without two hex digits, and for bytes that decode to U+0000 or to no UTF-8.
Result<void> percent_decode_append(std::string& out, std::string_view text, bool plus_is_space);

/// True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace edda::http
