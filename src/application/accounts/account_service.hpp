#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/principal.hpp"
#include "accounts/registration.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"
#include "ports/crypto.hpp"
#include "ports/rate_limiter.hpp"
#include "ports/users.hpp"

namespace edda::accounts {

struct AccountSettings {
  std::chrono::seconds access_lifetime{24 * 3600};       ///< the replaced system's JWT_EXPIRES_IN
  std::chrono::seconds refresh_lifetime{7 * 24 * 3600};  ///< and its JWT_REFRESH_EXPIRES_IN
  /// How long after its first use a refresh token may be used again: the answer may have been lost. Long enough for a
  /// client's own retries, short enough to be of little use to a thief.
  std::chrono::seconds refresh_repeat{10};
  /// How long a user's role and status are believed without asking the store: the longest time that a change made
  /// through another node takes to act here. A change made through this node acts at once.
  std::chrono::seconds user_cache_age_max{30};
  std::size_t user_cache_entries_max = 10'000;
  /// Tries per account and per client address; both must have a token left. Generous to addresses: many users share
  /// one.
  RateLimit login_per_account{30, std::chrono::seconds(60)};
  RateLimit login_per_address{300, std::chrono::seconds(60)};
  RateLimit register_per_address{300, std::chrono::seconds(60)};
  RateLimit refresh_per_address{300, std::chrono::seconds(60)};
};

/// Where a request came from.
struct Client {
  std::string address;
  std::string agent;
};

struct Tokens {
  std::string access_token;
  std::string refresh_token;
  std::chrono::seconds access_lifetime;
};

struct SignedIn {
  Tokens tokens;
  User user;
};

/// Who changes something, and why; every change made with it leaves an audit entry.
struct Actor {
  UserId user = {};  ///< nil: the system itself
  std::string email = {};
  std::string reason = {};
};
inline Actor actor_of(const Principal& principal, std::string reason) {
  return {principal.user, principal.email, std::move(reason)};
}

template <class T>
struct Page {
  std::vector<T> items;
  bool has_more = false;
  std::string cursor;  ///< opaque; empty when there is no more
};

/// What an administrator may change in a user; what is not set stays.
struct AccessChange {
  std::optional<Role> role = {};
  std::optional<UserStatus> status = {};
};

/// How the first administrator came to be.
struct AdminOutcome {
  bool created = false;
  std::string email = {};
  /// Set only when made up here: to be shown on a terminal or put into a 0600 file, never logged.
  std::string generated_password = {};
};

/// A user taken over from another system, with the password hash it has there.
struct ImportedUser {
  UserId id = {};
  std::string email = {};
  std::string password_hash = {};  ///< bcrypt ($2a$, $2b$) or argon2id
  std::string first_name = {};
  std::string last_name = {};
  Role role = Role::customer;
  UserStatus status = UserStatus::active;
  bool email_verified = false;
  Timestamp created_at = {};
};

class UserCache;

/// Accounts: signing up, in and out, and what administrators do to users.
/// Every method also gives the store's errors (unavailable, outcome_unknown). Messages that old clients know are the
/// replaced system's. Thread-safety: callable from any thread.
class AccountService {
 public:
  struct Ports {
    UserStore& users;
    PasswordHasher& passwords;
    TokenSigner& tokens;
    SecretRandom& secrets;
    RateLimiter& limiter;
    Clock& clock;
    Random& random;
  };
  AccountService(Ports ports, AccountSettings settings);
  ~AccountService();
  AccountService(const AccountService&) = delete;
  AccountService& operator=(const AccountService&) = delete;

  /// The registration's other rules: validate_registration.
  /// Errors: already_exists "Email already exists"; invalid_argument (a password over password_bytes_max); overloaded
  /// (throttled, with retry_after).
  Task<Result<SignedIn>> sign_up(Registration registration, Client client, Deadline deadline);
  /// Errors: unauthenticated "Invalid credentials" (unknown user or wrong password: same answer, same work) or "Account
  /// is not active"; invalid_argument (a password over password_bytes_max); overloaded (throttled, or too many hashes
  /// wait).
  Task<Result<SignedIn>> login(std::string email, std::string password, Client client, Deadline deadline);
  /// A new pair for a refresh token, which is spent by it. The one spent last may come again for refresh_repeat after
  /// its first use, and gets another pair in place of the one before; any other spent one that comes back ends its
  /// whole family.
  /// Errors: unauthenticated; overloaded.
  Task<Result<SignedIn>> refresh(std::string refresh_token, Client client, Deadline deadline);
  /// Ends the session of this access token. Errors: unauthenticated.
  Task<Result<void>> logout(std::string access_token, Deadline deadline);
  /// What logging out meant in the replaced system: the refresh token of this session is void from now on, the access
  /// token stays good until it expires. Errors: unauthenticated.
  Task<Result<void>> void_refresh_token(std::string access_token, Deadline deadline);
  /// Ends all of the user's sessions and voids every token given out so far.
  Task<Result<void>> logout_all(Principal principal, Deadline deadline);
  /// The user's live sessions, the last used first.
  Task<Result<std::vector<Session>>> sessions(UserId user, Deadline deadline);
  /// The session that an access token belongs to; nothing for a token that does not hold, and for those of the replaced
  /// system.
  std::optional<SessionId> session_of(std::string_view access_token);
  /// Errors: not_found.
  Task<Result<void>> close_session(UserId user, SessionId session, Deadline deadline);
  /// Errors: unauthenticated "User not found".
  Task<Result<User>> profile(UserId user, Deadline deadline);

  /// Who sends this bearer token (without "Bearer "). The role is the store's, not the token's.
  /// Asks the store once per user and user_cache_age_max, not once per request.
  /// Errors: unauthenticated "Unauthorized", "User not found", "User account is not active".
  Task<Result<Principal>> authenticate(std::string access_token, Deadline deadline);

  /// Errors: invalid_argument (a cursor that is none of ours). `limit` is capped at 100.
  Task<Result<Page<User>>> list_users(UserFilter filter, std::string cursor, std::size_t limit, Deadline deadline);
  /// All of it or nothing. Another role voids the user's tokens, which say the old one, and so does any other status
  /// but active. Errors: not_found; rejected, reason "last_admin" (no active administrator would be left).
  Task<Result<User>> change_access(Actor actor, UserId user, AccessChange wish, Deadline deadline);
  /// Voids the user's tokens. Errors: not_found; invalid_argument (too short or long).
  Task<Result<void>> set_password(Actor actor, UserId user, std::string password, Deadline deadline);
  /// A user made by an administrator. Errors: already_exists.
  Task<Result<User>> create_user(Actor actor, Registration registration, Role role, Deadline deadline);
  /// Errors: already_exists; invalid_argument (a hash that no password could ever match).
  Task<Result<User>> import_user(Actor actor, ImportedUser user, Deadline deadline);
  /// Creates an administrator when the store has no active one, with `password` or one made up here. A user who already
  /// has that email becomes administrator with the new password and loses all tokens: whoever signed up with it need
  /// not be its owner.
  Task<Result<AdminOutcome>> ensure_admin(std::string email, std::optional<std::string> password, Deadline deadline);

  /// An access token of an active administrator, for the machine's owner who can read the data folder anyway. It has no
  /// session; it is voided with all of that user's tokens. Errors: not_found (no active administrator).
  Task<Result<std::string>> local_admin_token(std::chrono::seconds lifetime, Deadline deadline);

  /// Records an operator's act on something else than a user (a saga, the store). Sequence, time and actor are filled
  /// in.
  Task<Result<void>> record(Actor actor, std::string action, std::string subject, std::string details,
                            Deadline deadline);
  /// Newest first. Errors: invalid_argument (cursor). `limit` is capped at 100.
  Task<Result<Page<AuditEntry>>> list_audit(AuditFilter filter, std::string cursor, std::size_t limit,
                                            Deadline deadline);

 private:
  Task<Result<SignedIn>> open_session(User user, Client client, Deadline deadline);
  Task<Result<User>> check_password(std::string email, std::string password, Deadline deadline);
  Task<void> rehash(User user, std::string password, Deadline deadline);
  Task<Result<Principal>> authenticate_by_store(TokenClaims claims, Deadline deadline);
  Task<Result<void>> throttle(std::string key, RateLimit limit, Deadline deadline);

  Task<Result<User>> add_user(User user, std::optional<AuditEntry> audit, Deadline deadline);
  Task<Result<User>> change_user(UserId user, UserChange change, std::vector<AuditEntry> audit, Deadline deadline);
  Task<Result<User>> existing_user(UserId user, Deadline deadline);
  Task<Result<AdminOutcome>> promote(User user, AdminOutcome outcome, std::string password_hash, Deadline deadline);
  AuditEntry audit_entry(const Actor& actor, std::string action, std::string subject, std::string details);
  User new_user(Registration registration, Role role, std::string password_hash);
  Tokens issue(const User& user, SessionId session, TokenId refresh_id, Timestamp now);
  TokenId random_token_id();

  Ports ports_;
  AccountSettings settings_;
  std::unique_ptr<UserCache> cache_;
};

}  // namespace edda::accounts
