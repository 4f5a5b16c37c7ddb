#include <gmock/gmock.h>

#include <chrono>

#include "unit/accounts_fixture.hpp"

namespace edda::accounts {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing_support::run_task;

class UnitAccountsSignIn : public AccountFixture {};

void expect_unauthenticated(const auto& result, std::string_view message) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unauthenticated);
  EXPECT_EQ(result.error().message, message);
}

TEST_F(UnitAccountsSignIn, SignsUpACustomerWhoIsThenKnown) {
  const auto signed_in = sign_up();
  EXPECT_EQ(signed_in.user.role, Role::customer);
  EXPECT_EQ(signed_in.user.status, UserStatus::active);
  EXPECT_EQ(signed_in.user.password_hash, "argon:longenough");
  EXPECT_EQ(signed_in.tokens.access_lifetime, hours(24));
  const auto principal = authenticate(signed_in.tokens.access_token);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->user, signed_in.user.id);
  EXPECT_EQ(principal->email, "kim@example.com");
  EXPECT_EQ(principal->role, Role::customer);
}

TEST_F(UnitAccountsSignIn, RefusesATakenEmailBeforeHashing) {
  sign_up();
  const auto again = run_task(accounts.sign_up({"kim@example.com", "longenough", "A", "B"}, client, deadline));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
  EXPECT_EQ(again.error().message, "Email already exists");
  EXPECT_EQ(hasher.hashed, 1);
}

TEST_F(UnitAccountsSignIn, LogsInWithTheRightPasswordOnly) {
  const auto signed_up = sign_up();
  const auto good = login();
  ASSERT_TRUE(good);
  EXPECT_EQ(good->user.id, signed_up.user.id);
  expect_unauthenticated(login("kim@example.com", "wrong"), "Invalid credentials");
  expect_unauthenticated(login("KIM@example.com"), "Invalid credentials");
}

TEST_F(UnitAccountsSignIn, DoesTheSameWorkForAnUnknownUser) {
  expect_unauthenticated(login("nobody@example.com", "longenough"), "Invalid credentials");
  EXPECT_EQ(hasher.verified, 1);
  EXPECT_EQ(hasher.last_hash, "dummy");
  expect_unauthenticated(login(std::string(1000, 'x'), "longenough"), "Invalid credentials");
  EXPECT_EQ(hasher.verified, 2);
}

TEST_F(UnitAccountsSignIn, RefusesAHugePasswordBeforeHashing) {
  sign_up();
  const auto result = login("kim@example.com", std::string(1'000'000, 'x'));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid_argument);
  EXPECT_EQ(hasher.verified, 0);
  const Registration huge{"lee@example.com", std::string(1'000'000, 'x'), "Lee", "Jieun"};
  EXPECT_EQ(run_task(accounts.sign_up(huge, client, deadline)).error().code, Errc::invalid_argument);
  EXPECT_EQ(hasher.hashed, 1);
}

TEST_F(UnitAccountsSignIn, TellsADisabledUserOnlyAfterTheRightPassword) {
  const auto user = sign_up().user;
  change_elsewhere(user.id, {.status = UserStatus::suspended, .at = clock.now()});
  expect_unauthenticated(login("kim@example.com", "wrong"), "Invalid credentials");
  expect_unauthenticated(login(), "Account is not active");
}

TEST_F(UnitAccountsSignIn, RehashesAnImportedPasswordOnce) {
  const std::string bcrypt = "$2b$12$" + std::string(53, 'x');
  const UserId id{random.uuid_v7(clock.now())};
  ASSERT_TRUE(
      run_task(accounts.import_user(admin, {.id = id, .email = "old@example.com", .password_hash = bcrypt}, deadline)));
  ASSERT_TRUE(login("old@example.com", "imported-password"));
  EXPECT_EQ(run_task(users.find_user(id, deadline)).value()->password_hash, "argon:imported-password");
  ASSERT_TRUE(login("old@example.com", "imported-password"));
  EXPECT_EQ(hasher.hashed, 1);
}

TEST_F(UnitAccountsSignIn, ThrottlesOneAccountWhileOthersGoOn) {
  sign_up();
  sign_up("lee@example.com");
  Result<SignedIn> result = login("kim@example.com", "wrong");
  for (std::uint32_t i = 1; i <= settings().login_per_account.burst; ++i) result = login("kim@example.com", "wrong");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::overloaded);
  EXPECT_GE(result.error().retry_after, seconds(1));
  EXPECT_EQ(hasher.verified, static_cast<int>(settings().login_per_account.burst));
  EXPECT_TRUE(login("lee@example.com"));
  clock.advance(result.error().retry_after);
  EXPECT_TRUE(login());
}

TEST_F(UnitAccountsSignIn, ThrottlesOneAddressOverManyAccounts) {
  Result<SignedIn> result = login("a@example.com");
  for (std::uint32_t i = 1; i <= settings().login_per_address.burst; ++i)
    result = login(std::to_string(i) + "@example.com");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::overloaded);
  client.address = "10.0.0.2";
  expect_unauthenticated(login("a@example.com"), "Invalid credentials");
}

TEST_F(UnitAccountsSignIn, RotatesRefreshTokens) {
  const auto first = sign_up();
  const auto second = refresh(first.tokens.refresh_token);
  ASSERT_TRUE(second);
  EXPECT_NE(second->tokens.refresh_token, first.tokens.refresh_token);
  EXPECT_TRUE(authenticate(second->tokens.access_token));
  EXPECT_TRUE(authenticate(first.tokens.access_token));
  EXPECT_TRUE(refresh(second->tokens.refresh_token));
}

TEST_F(UnitAccountsSignIn, AClientThatLostTheAnswerMayRefreshAgainForAWhile) {
  const auto first = sign_up();
  ASSERT_TRUE(refresh(first.tokens.refresh_token));  // its answer never arrived
  clock.advance(settings().refresh_repeat - seconds(1));
  const auto again = refresh(first.tokens.refresh_token);
  ASSERT_TRUE(again);
  EXPECT_TRUE(authenticate(again->tokens.access_token));
  EXPECT_TRUE(refresh(again->tokens.refresh_token));
}

TEST_F(UnitAccountsSignIn, AVoidedRefreshTokenMayNotComeAgain) {
  const auto first = sign_up();
  ASSERT_TRUE(run_task(accounts.void_refresh_token(first.tokens.access_token, deadline)));
  expect_unauthenticated(refresh(first.tokens.refresh_token), "Unauthorized");
}

TEST_F(UnitAccountsSignIn, AReplayedRefreshTokenEndsItsFamilyAtOnce) {
  const auto first = sign_up();
  const auto other_family = login().value();
  const auto second = refresh(first.tokens.refresh_token).value();
  ASSERT_TRUE(authenticate(second.tokens.access_token));
  clock.advance(settings().refresh_repeat);

  expect_unauthenticated(refresh(first.tokens.refresh_token), "Unauthorized");
  expect_unauthenticated(refresh(second.tokens.refresh_token), "Unauthorized");
  expect_unauthenticated(authenticate(second.tokens.access_token), "Unauthorized");
  EXPECT_TRUE(authenticate(other_family.tokens.access_token));
}

TEST_F(UnitAccountsSignIn, TellsTheKindsOfTokensApart) {
  const auto signed_in = sign_up();
  expect_unauthenticated(authenticate(signed_in.tokens.refresh_token), "Unauthorized");
  expect_unauthenticated(refresh(signed_in.tokens.access_token), "Unauthorized");
}

TEST_F(UnitAccountsSignIn, TokensEnd) {
  const auto signed_in = sign_up();
  clock.advance(hours(24));
  expect_unauthenticated(authenticate(signed_in.tokens.access_token), "Unauthorized");
  clock.advance(6 * hours(24) - seconds(1));
  const auto refreshed = refresh(signed_in.tokens.refresh_token);
  ASSERT_TRUE(refreshed);
  clock.advance(7 * hours(24));
  expect_unauthenticated(refresh(refreshed->tokens.refresh_token), "Unauthorized");
}

TEST_F(UnitAccountsSignIn, LogoutEndsOneSessionAtOnce) {
  const auto first = sign_up();
  const auto second = login().value();
  ASSERT_TRUE(authenticate(first.tokens.access_token));
  ASSERT_TRUE(run_task(accounts.logout(first.tokens.access_token, deadline)));
  expect_unauthenticated(authenticate(first.tokens.access_token), "Unauthorized");
  expect_unauthenticated(refresh(first.tokens.refresh_token), "Unauthorized");
  EXPECT_TRUE(authenticate(second.tokens.access_token));
  EXPECT_TRUE(refresh(second.tokens.refresh_token));
}

TEST_F(UnitAccountsSignIn, LogoutAllVoidsEveryToken) {
  const auto first = sign_up();
  const auto second = login().value();
  const auto principal = authenticate(first.tokens.access_token).value();
  ASSERT_TRUE(run_task(accounts.logout_all(principal, deadline)));
  expect_unauthenticated(authenticate(first.tokens.access_token), "Unauthorized");
  expect_unauthenticated(authenticate(second.tokens.access_token), "Unauthorized");
  expect_unauthenticated(refresh(second.tokens.refresh_token), "Unauthorized");
  EXPECT_TRUE(authenticate(login()->tokens.access_token));
}

TEST_F(UnitAccountsSignIn, TokensOfTheReplacedSystemWorkUntilTheyAreVoided) {
  const auto user = sign_up().user;
  const TokenClaims claims{
      .user = user.id, .email = user.email, .issued_at = clock.now(), .expires_at = clock.now() + hours(24)};
  const std::string token = tokens.sign(claims);
  ASSERT_TRUE(authenticate(token));
  ASSERT_TRUE(run_task(accounts.logout(token, deadline)));
  expect_unauthenticated(authenticate(token), "Unauthorized");
}

TEST_F(UnitAccountsSignIn, ListsAndClosesOwnSessions) {
  const auto first = sign_up();
  clock.advance(seconds(1));
  const auto second = login().value();
  const auto sessions = run_task(accounts.sessions(first.user.id, deadline)).value();
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].address, "10.0.0.1");
  EXPECT_GT(sessions[0].used_at, sessions[1].used_at);
  ASSERT_TRUE(run_task(accounts.close_session(first.user.id, sessions[1].id, deadline)));
  expect_unauthenticated(authenticate(first.tokens.access_token), "Unauthorized");
  EXPECT_TRUE(authenticate(second.tokens.access_token));

  const auto stranger = sign_up("lee@example.com");
  const auto foreign = run_task(accounts.close_session(stranger.user.id, sessions[0].id, deadline));
  EXPECT_EQ(foreign.error().code, Errc::not_found);
  EXPECT_TRUE(authenticate(second.tokens.access_token));
}

TEST_F(UnitAccountsSignIn, BelievesItsCacheForAShortTime) {
  const auto signed_in = sign_up();
  clock.advance(seconds(10));
  ASSERT_TRUE(authenticate(signed_in.tokens.access_token));
  change_elsewhere(signed_in.user.id, {.role = Role::merchant, .at = clock.now()});
  clock.advance(settings().user_cache_age_max);
  EXPECT_EQ(authenticate(signed_in.tokens.access_token)->role, Role::customer);
  clock.advance(seconds(1));
  EXPECT_EQ(authenticate(signed_in.tokens.access_token)->role, Role::merchant);
}

TEST_F(UnitAccountsSignIn, SeesAUserDisabledElsewhereWithinAMinute) {
  const auto signed_in = sign_up();
  clock.advance(seconds(10));
  ASSERT_TRUE(authenticate(signed_in.tokens.access_token));
  change_elsewhere(signed_in.user.id, {.status = UserStatus::inactive, .at = clock.now()});
  clock.advance(seconds(60));
  expect_unauthenticated(authenticate(signed_in.tokens.access_token), "User account is not active");
}

TEST_F(UnitAccountsSignIn, KnowsASessionThatAnotherNodeOpened) {
  const auto first = sign_up();
  ASSERT_TRUE(authenticate(first.tokens.access_token));
  AccountService other_node{{users, hasher, tokens, random, limiter, clock, random}, settings()};
  const auto second = run_task(other_node.login("kim@example.com", "longenough", client, deadline)).value();
  EXPECT_TRUE(authenticate(second.tokens.access_token));
}

TEST_F(UnitAccountsSignIn, RefusesTheTokenOfSomebodyWhoDoesNotExist) {
  const TokenClaims claims{.user = UserId{random.uuid_v7(clock.now())},
                           .email = "ghost@example.com",
                           .issued_at = clock.now(),
                           .expires_at = clock.now() + hours(1)};
  expect_unauthenticated(authenticate(tokens.sign(claims)), "User not found");
  expect_unauthenticated(authenticate(""), "Unauthorized");
  expect_unauthenticated(authenticate("x.y.z"), "Unauthorized");
}

}  // namespace
}  // namespace edda::accounts
