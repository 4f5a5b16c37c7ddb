#include "accounts/account_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "accounts/user_cache.hpp"

namespace edda::accounts {
namespace {

/// Longer ones cannot have signed up; they do not reach the store or the limiter's keys.
constexpr std::size_t email_bytes_max = 320;
/// By how much the nodes' clocks may differ when a cached answer is weighed against a token's time of issue.
constexpr std::chrono::seconds clock_skew{5};

Result<void> check_size(const std::string& password) {
  if (password.size() <= password_bytes_max) return {};
  return fail(Errc::invalid_argument,
              fmt::format("password must be shorter than or equal to {} characters", password_bytes_max), "/password");
}

std::unexpected<Error> invalid_credentials() { return fail(Errc::unauthenticated, "Invalid credentials"); }

Result<Principal> judge(const KnownUser& known, const TokenClaims& claims) {
  if (!known.exists) return fail(Errc::unauthenticated, "User not found");
  if (known.status != UserStatus::active) return fail(Errc::unauthenticated, "User account is not active");
  if (claims.generation != known.generation) return fail(Errc::unauthenticated, "Unauthorized");
  // Tokens of the replaced system name no session.
  if (!claims.session.is_nil() && std::ranges::find(known.sessions, claims.session) == known.sessions.end()) {
    return fail(Errc::unauthenticated, "Unauthorized");
  }
  return Principal{claims.user, known.email, known.role};
}

}  // namespace

AccountService::AccountService(Ports ports, AccountSettings settings)
    : ports_(ports),
      settings_(settings),
      cache_(std::make_unique<UserCache>(settings.user_cache_entries_max, settings.user_cache_age_max)) {}

AccountService::~AccountService() = default;

Task<Result<SignedIn>> AccountService::sign_up(Registration registration, Client client, Deadline deadline) {
  CO_TRY_VOID(check_size(registration.password));
  CO_TRY_VOID(co_await throttle("register:address:" + client.address, settings_.register_per_address, deadline));
  // Asked before hashing, which is dear; the store's own check decides.
  CO_TRY(const auto holder, co_await ports_.users.find_user_by_email(registration.email, deadline));
  if (holder) co_return fail(Errc::already_exists, "Email already exists", "/email", "email");
  CO_TRY(auto hash, co_await ports_.passwords.hash(registration.password, deadline));
  CO_TRY(auto user,
         co_await add_user(new_user(std::move(registration), Role::customer, std::move(hash)), std::nullopt, deadline));
  co_return co_await open_session(std::move(user), std::move(client), deadline);
}

Task<Result<SignedIn>> AccountService::login(std::string email, std::string password, Client client,
                                             Deadline deadline) {
  CO_TRY_VOID(check_size(password));
  CO_TRY_VOID(co_await throttle("login:address:" + client.address, settings_.login_per_address, deadline));
  if (email.size() <= email_bytes_max) {
    CO_TRY_VOID(co_await throttle("login:account:" + email, settings_.login_per_account, deadline));
  }
  CO_TRY(auto user, co_await check_password(std::move(email), std::move(password), deadline));
  if (user.status != UserStatus::active) co_return fail(Errc::unauthenticated, "Account is not active");
  co_return co_await open_session(std::move(user), std::move(client), deadline);
}

Task<Result<User>> AccountService::check_password(std::string email, std::string password, Deadline deadline) {
  std::optional<User> user;
  if (email.size() <= email_bytes_max) {
    CO_TRY(user, co_await ports_.users.find_user_by_email(std::move(email), deadline));
  }
  auto hash = user ? user->password_hash : ports_.passwords.dummy_hash();
  CO_TRY(const auto check, co_await ports_.passwords.verify(password, std::move(hash), deadline));
  if (!user || !check.matches) co_return invalid_credentials();
  if (check.outdated) co_await rehash(*user, std::move(password), deadline);
  co_return std::move(*user);
}

Task<void> AccountService::rehash(User user, std::string password, Deadline deadline) {
  auto hash = co_await ports_.passwords.hash(std::move(password), deadline);
  if (!hash) co_return;  // The old hash still works; the next login tries again.
  UserChange change{.password_hash = std::move(*hash),
                    .expected_password_hash = std::move(user.password_hash),
                    .at = user.updated_at};
  (void)co_await ports_.users.change_user(user.id, std::move(change), {}, deadline);
}

Task<Result<SignedIn>> AccountService::open_session(User user, Client client, Deadline deadline) {
  const Timestamp now = ports_.clock.now();
  // The session lives as long as the last token that names it.
  const auto lifetime = std::max(settings_.access_lifetime, settings_.refresh_lifetime);
  const Session session{SessionId{ports_.random.uuid_v7(now)},
                        user.id,
                        random_token_id(),
                        now,
                        now,
                        now + lifetime,
                        std::move(client.address),
                        client.agent.substr(0, session_agent_bytes_max)};
  CO_TRY_VOID(co_await ports_.users.open_session(session, deadline));
  cache_->forget(user.id);
  auto tokens = issue(user, session.id, session.token, now);
  co_return SignedIn{std::move(tokens), std::move(user)};
}

Task<Result<SignedIn>> AccountService::refresh(std::string refresh_token, Client client, Deadline deadline) {
  CO_TRY_VOID(co_await throttle("refresh:address:" + client.address, settings_.refresh_per_address, deadline));
  const Timestamp now = ports_.clock.now();
  CO_TRY(const auto claims, ports_.tokens.verify(refresh_token, TokenKind::refresh, now));
  CO_TRY(auto user, co_await ports_.users.find_user(claims.user, deadline));
  if (!user || user->generation != claims.generation) co_return fail(Errc::unauthenticated, "Unauthorized");
  if (user->status != UserStatus::active) co_return fail(Errc::unauthenticated, "User account is not active");

  const TokenId next = random_token_id();
  Rotation rotation{claims.session,
                    claims.id,
                    next,
                    now,
                    now + std::max(settings_.access_lifetime, settings_.refresh_lifetime),
                    std::move(client.address),
                    client.agent.substr(0, session_agent_bytes_max),
                    now + settings_.refresh_repeat};
  CO_TRY(const auto outcome, co_await ports_.users.rotate_session(std::move(rotation), deadline));
  if (outcome == RotationOutcome::replayed) cache_->forget(user->id);
  if (outcome != RotationOutcome::rotated) co_return fail(Errc::unauthenticated, "Unauthorized");
  auto tokens = issue(*user, claims.session, next, now);
  co_return SignedIn{std::move(tokens), std::move(*user)};
}

Task<Result<void>> AccountService::logout(std::string access_token, Deadline deadline) {
  CO_TRY(const auto claims, ports_.tokens.verify(access_token, TokenKind::access, ports_.clock.now()));
  if (claims.session.is_nil()) {
    // A token of the replaced system cannot be voided alone.
    co_return co_await logout_all(Principal{claims.user, claims.email, claims.role}, deadline);
  }
  CO_TRY_VOID(co_await ports_.users.close_session(claims.user, claims.session, deadline));
  cache_->forget(claims.user);
  co_return Result<void>{};
}

Task<Result<void>> AccountService::void_refresh_token(std::string access_token, Deadline deadline) {
  CO_TRY(const auto claims, ports_.tokens.verify(access_token, TokenKind::access, ports_.clock.now()));
  CO_TRY(const auto open, co_await ports_.users.list_sessions(claims.user, deadline));
  const auto session = std::ranges::find(open, claims.session, &Session::id);
  if (session == open.end()) co_return Result<void>{};
  // The session goes on with a refresh token that nobody has; the one before may not be repeated.
  Rotation rotation{.session = session->id,
                    .presented = session->token,
                    .next = random_token_id(),
                    .at = ports_.clock.now(),
                    .expires_at = session->expires_at,
                    .address = session->address,
                    .agent = session->agent};
  CO_TRY_VOID(co_await ports_.users.rotate_session(std::move(rotation), deadline));
  co_return Result<void>{};
}

std::optional<SessionId> AccountService::session_of(std::string_view access_token) {
  const auto claims = ports_.tokens.verify(access_token, TokenKind::access, ports_.clock.now());
  if (!claims || claims->session.is_nil()) return std::nullopt;
  return claims->session;
}

Task<Result<void>> AccountService::logout_all(Principal principal, Deadline deadline) {
  UserChange change{.revoke_tokens = true, .at = ports_.clock.now()};
  CO_TRY_VOID(co_await change_user(principal.user, std::move(change), {}, deadline));
  co_return Result<void>{};
}

Task<Result<std::vector<Session>>> AccountService::sessions(UserId user, Deadline deadline) {
  CO_TRY(auto sessions, co_await ports_.users.list_sessions(user, deadline));
  const Timestamp now = ports_.clock.now();
  std::erase_if(sessions, [now](const Session& session) { return session.expires_at <= now; });
  co_return sessions;
}

Task<Result<void>> AccountService::close_session(UserId user, SessionId session, Deadline deadline) {
  CO_TRY(const bool closed, co_await ports_.users.close_session(user, session, deadline));
  cache_->forget(user);
  if (!closed) co_return fail(Errc::not_found, "Session not found");
  co_return Result<void>{};
}

Task<Result<User>> AccountService::profile(UserId user, Deadline deadline) {
  CO_TRY(auto found, co_await ports_.users.find_user(user, deadline));
  if (!found) co_return fail(Errc::unauthenticated, "User not found");
  co_return std::move(*found);
}

Task<Result<Principal>> AccountService::authenticate(std::string access_token, Deadline deadline) {
  CO_TRY(auto claims, ports_.tokens.verify(access_token, TokenKind::access, ports_.clock.now()));
  if (const auto known = cache_->find(claims.user, ports_.clock.steady_now())) {
    auto verdict = judge(*known, claims);
    // A refusal counts only if it was read after the token was made: a session opened since, through another node, is
    // not in it.
    if (verdict || known->read_at > claims.issued_at + clock_skew) co_return verdict;
  }
  co_return co_await authenticate_by_store(std::move(claims), deadline);
}

Task<Result<Principal>> AccountService::authenticate_by_store(TokenClaims claims, Deadline deadline) {
  const auto ticket = cache_->ticket();
  KnownUser known{.read_at = ports_.clock.now(), .read_at_steady = ports_.clock.steady_now()};
  CO_TRY(auto user, co_await ports_.users.find_user(claims.user, deadline));
  if (user) {
    CO_TRY(const auto sessions, co_await ports_.users.list_sessions(claims.user, deadline));
    known.exists = true;
    known.email = std::move(user->email);
    known.role = user->role;
    known.status = user->status;
    known.generation = user->generation;
    for (const Session& session : sessions) known.sessions.push_back(session.id);
  }
  auto verdict = judge(known, claims);
  cache_->put(claims.user, std::make_shared<const KnownUser>(std::move(known)), ticket);
  co_return verdict;
}

Task<Result<void>> AccountService::throttle(std::string key, RateLimit limit, Deadline deadline) {
  const RateDecision decision = co_await ports_.limiter.take(std::move(key), limit, deadline);
  if (decision.allowed) co_return Result<void>{};
  Error error{Errc::overloaded,
              fmt::format("Too many attempts: try again in {} seconds", decision.retry_after.count())};
  error.reason = "throttled";
  error.retry_after = decision.retry_after;
  co_return std::unexpected(std::move(error));
}

Tokens AccountService::issue(const User& user, SessionId session, TokenId refresh_id, Timestamp now) {
  TokenClaims claims{.kind = TokenKind::access,
                     .user = user.id,
                     .email = user.email,
                     .role = user.role,
                     .generation = user.generation,
                     .session = session,
                     .issued_at = now,
                     .expires_at = now + settings_.access_lifetime};
  std::string access = ports_.tokens.sign(claims);
  claims.kind = TokenKind::refresh;
  claims.id = refresh_id;
  claims.expires_at = now + settings_.refresh_lifetime;
  return {std::move(access), ports_.tokens.sign(claims), settings_.access_lifetime};
}

TokenId AccountService::random_token_id() {
  TokenId id;
  ports_.secrets.fill(id.value.bytes);
  return id;
}

}  // namespace edda::accounts
