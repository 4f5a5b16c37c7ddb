#include "wiring/identity.hpp"

#include "accounts/shared_secret.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {

Task<Result<Identity>> open_identity(Foundation& base, UserStore& users, RateLimiter& limiter) {
  const auto& auth = base.config().auth;
  crypto::TokenSettings tokens;
  tokens.access_secret = auth.jwt_secret.reveal();
  tokens.refresh_secret = auth.jwt_refresh_secret.reveal();
  tokens.accept_legacy = auth.accept_legacy_tokens;
  if (tokens.access_secret.empty()) {
    CO_TRY(tokens.access_secret, co_await accounts::shared_secret(users, base.secrets, "jwt_access", base.soon()));
  }
  if (tokens.refresh_secret.empty()) {
    CO_TRY(tokens.refresh_secret, co_await accounts::shared_secret(users, base.secrets, "jwt_refresh", base.soon()));
  }
  Identity identity;
  identity.signer = std::make_unique<crypto::JwtSigner>(std::move(tokens));
  identity.hashing = std::make_unique<crypto::HashingPool>(hashing_settings(base.config()), base.clock);
  identity.accounts = std::make_unique<accounts::AccountService>(
      accounts::AccountService::Ports{users, *identity.hashing, *identity.signer, base.secrets, limiter, base.clock, base.random},
      account_settings(base.config()));
  co_return identity;
}

}  // namespace edda::wiring
