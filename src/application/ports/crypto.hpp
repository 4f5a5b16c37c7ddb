#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "accounts/principal.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "ports/task.hpp"
#include "ports/users.hpp"

namespace edda {

/// Longer passwords are refused before anything is hashed. Bytes of UTF-8.
inline constexpr std::size_t password_bytes_max = 1024;
/// What somebody chooses has at least so many.
inline constexpr std::size_t password_length_min = 8;

struct PasswordCheck {
  bool matches = false;
  bool outdated = false;  ///< the hash is of another kind or weaker than new ones are: hash again
};

/// Slow on purpose; works on threads of its own, of which there are few.
/// Errors: overloaded when too many already wait (with retry_after) or the deadline passed before its turn came.
/// Thread-safety: callable from any thread.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;

  virtual Task<Result<std::string>> hash(std::string password, Deadline deadline) = 0;
  /// `hash` is argon2id, or bcrypt of an imported user; one that cannot be read matches nothing.
  virtual Task<Result<PasswordCheck>> verify(std::string password, std::string hash, Deadline deadline) = 0;
  /// A hash of nothing that anybody knows, as dear to verify as a real one: for users who do not exist.
  virtual std::string dummy_hash() const = 0;
};

enum class TokenKind { access, refresh };

/// What a token says. Times are whole seconds in the token.
struct TokenClaims {
  TokenKind kind = TokenKind::access;
  UserId user = {};
  std::string email = {};
  Role role = Role::customer;
  std::int64_t generation = 0;
  SessionId session = {};  ///< nil in tokens of the replaced system
  TokenId id = {};         ///< refresh tokens only
  Timestamp issued_at = {};
  Timestamp expires_at = {};
};

/// Signs and checks JWTs (RFC 7519) by HMAC-SHA-256; access and refresh tokens have a key each. The algorithm is ours,
/// never the token's. Thread-safety: callable from any thread.
class TokenSigner {
 public:
  virtual ~TokenSigner() = default;

  virtual std::string sign(const TokenClaims& claims) = 0;
  /// Errors: unauthenticated, whatever is wrong: form, algorithm, signature, kind, issuer, audience, time.
  virtual Result<TokenClaims> verify(std::string_view token, TokenKind kind, Timestamp now) = 0;
};

/// Bytes that nobody can guess (keys, token ids, generated passwords).
/// Thread-safety: callable from any thread.
class SecretRandom {
 public:
  virtual ~SecretRandom() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

}  // namespace edda
