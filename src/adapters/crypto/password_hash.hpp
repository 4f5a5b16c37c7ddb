#pragma once

#include <cstddef>
#include <string>

namespace edda::crypto {

/// What one argon2id hash costs. Source: OWASP password storage cheat sheet (19 MiB, 2 passes, 1 lane); 78 ms on a core
/// of the machine that this was built on.
struct Argon2Cost {
  std::size_t memory_bytes = 19 * 1024 * 1024;
  unsigned long long passes = 2;
};

/// argon2id in PHC form. Empty when there is no memory for it.
std::string argon2_hash(const std::string& password, Argon2Cost cost);
/// False also for what is no argon2id hash.
bool argon2_matches(const std::string& password, const std::string& hash);
/// The hash was made with another cost, or is no argon2id.
bool argon2_outdated(const std::string& hash, Argon2Cost cost);

/// $2a$ and $2b$ as the replaced system stores them. Only the first 72 bytes of the password count, as there.
bool is_bcrypt(const std::string& hash);
bool bcrypt_matches(const std::string& password, const std::string& hash);

}  // namespace edda::crypto
