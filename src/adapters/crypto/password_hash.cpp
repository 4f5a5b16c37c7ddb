#include "crypto/password_hash.hpp"

#include <crypt.h>
#include <sodium.h>

#include <array>
#include <memory>

namespace edda::crypto {

std::string argon2_hash(const std::string& password, Argon2Cost cost) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const int failed = crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes,
                                           cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  return failed ? std::string() : std::string(hash.data());
}

bool argon2_matches(const std::string& password, const std::string& hash) {
  return hash.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool argon2_outdated(const std::string& hash, Argon2Cost cost) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) != 0;
}

bool is_bcrypt(const std::string& hash) {
  constexpr std::size_t length = 60;
  return hash.size() == length && (hash.starts_with("$2a$") || hash.starts_with("$2b$"));
}

bool bcrypt_matches(const std::string& password, const std::string& hash) {
  // crypt() reads up to a NUL: a longer password must not pass as its beginning.
  if (!is_bcrypt(hash) || password.contains('\0')) return false;
  // 32 KB, too much for a coroutine's or a thread's stack to carry about.
  const auto workspace = std::make_unique<crypt_data>();
  const char* computed = crypt_r(password.c_str(), hash.c_str(), workspace.get());
  if (!computed || std::string_view(computed).size() != hash.size()) return false;
  return sodium_memcmp(computed, hash.data(), hash.size()) == 0;
}

}  // namespace edda::crypto
