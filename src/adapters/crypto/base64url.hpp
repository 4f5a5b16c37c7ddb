#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace edda::crypto {

/// RFC 4648 section 5, without padding.
std::string to_base64url(std::string_view bytes);
/// nullopt for padding, foreign characters and left-over bits that are not zero: one text for each sequence of bytes.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace edda::crypto
