#include "crypto/secret_random.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace edda::crypto {

SodiumRandom::SodiumRandom() { EDDA_ASSERT(sodium_init() >= 0); }

void SodiumRandom::fill(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace edda::crypto
