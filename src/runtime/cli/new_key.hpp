#pragma once

#include <fmt/format.h>

#include <random>
#include <string>

namespace edda::cli {

/// An idempotency key that nobody has used.
inline std::string new_key() {
  std::random_device source;
  return fmt::format("cli-{:08x}{:08x}{:08x}", source(), source(), source());
}

}  // namespace edda::cli
