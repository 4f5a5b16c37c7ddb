#pragma once

#include "ports/crypto.hpp"

namespace edda::crypto {

/// The operating system's generator, through libsodium.
class SodiumRandom final : public SecretRandom {
 public:
  SodiumRandom();
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace edda::crypto
