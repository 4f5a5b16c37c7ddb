#pragma once

#include <memory>

#include "accounts/account_service.hpp"
#include "crypto/hashing_pool.hpp"
#include "crypto/token_signer.hpp"
#include "ports/rate_limiter.hpp"
#include "wiring/foundation.hpp"

namespace edda::wiring {

/// Who may do what: users, their passwords and tokens.
struct Identity {
  std::unique_ptr<crypto::JwtSigner> signer;
  std::unique_ptr<crypto::HashingPool> hashing;
  std::unique_ptr<accounts::AccountService> accounts;
};

/// Secrets that are not configured are made once, in the store, and shared by all who use it. Errors: those of the store.
Task<Result<Identity>> open_identity(Foundation& base, UserStore& users, RateLimiter& limiter);

}  // namespace edda::wiring
