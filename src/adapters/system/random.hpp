#pragma once

#include "ports/clock.hpp"

namespace edda::system {

/// A fast generator per thread (xoshiro256++, Blackman and Vigna), each seeded by the operating system. Ids and jitter
/// only: whoever sees enough of its output can guess the rest, so keys and tokens come from SecretRandom.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

}  // namespace edda::system
