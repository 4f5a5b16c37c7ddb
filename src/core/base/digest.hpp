#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace edda {

using Digest128 = std::array<std::uint8_t, 16>;

/// BLAKE2b with 128 bits of output, over the parts with their lengths, so that ("ab","c") and ("a","bc") differ.
/// Used for keys and fingerprints in the store, where 16 bytes instead of text keep random-key tables small.
Digest128 digest128(std::span<const std::string_view> parts);

/// SHA-256 in lower-case hexadecimal (the replaced system's duplicate keys are such).
std::string sha256_hex(std::string_view text);

std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace edda
