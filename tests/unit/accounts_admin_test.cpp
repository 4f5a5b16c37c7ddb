#include <gmock/gmock.h>

#include "accounts/cursor.hpp"
#include "accounts/shared_secret.hpp"
#include "unit/accounts_fixture.hpp"

namespace edda::accounts {
namespace {

using testing_support::run_task;

class UnitAccountsAdmin : public AccountFixture {};

TEST_F(UnitAccountsAdmin, ARoleChangeActsAtOnceAndLeavesARecord) {
  const auto signed_in = sign_up();
  ASSERT_TRUE(authenticate(signed_in.tokens.access_token));
  const auto changed = run_task(accounts.change_access(admin, signed_in.user.id, {.role = Role::merchant}, deadline));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->role, Role::merchant);
  EXPECT_FALSE(authenticate(signed_in.tokens.access_token));
  EXPECT_FALSE(refresh(signed_in.tokens.refresh_token));
  EXPECT_EQ(authenticate(login()->tokens.access_token)->role, Role::merchant);

  const auto entries = audit();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "user.role_changed");
  EXPECT_EQ(entries[0].actor_email, "admin@example.com");
  EXPECT_EQ(entries[0].subject, to_string(signed_in.user.id));
  EXPECT_EQ(entries[0].reason, "asked by phone");
  EXPECT_EQ(entries[0].details, R"({"from":"customer","to":"merchant"})");
  EXPECT_EQ(entries[0].at, clock.now());
}

TEST_F(UnitAccountsAdmin, DisablingVoidsTokensAndEnablingDoesNotBringThemBack) {
  const auto signed_in = sign_up();
  ASSERT_TRUE(run_task(accounts.change_access(admin, signed_in.user.id, {.status = UserStatus::suspended}, deadline)));
  EXPECT_EQ(authenticate(signed_in.tokens.access_token).error().message, "User account is not active");
  EXPECT_FALSE(refresh(signed_in.tokens.refresh_token));
  ASSERT_TRUE(run_task(accounts.change_access(admin, signed_in.user.id, {.status = UserStatus::active}, deadline)));
  EXPECT_FALSE(authenticate(signed_in.tokens.access_token));
  EXPECT_TRUE(authenticate(login()->tokens.access_token));
  EXPECT_EQ(audit().size(), 2U);
}

TEST_F(UnitAccountsAdmin, ChangingNothingLeavesNoRecord) {
  const auto signed_in = sign_up();
  EXPECT_TRUE(run_task(accounts.change_access(admin, signed_in.user.id, {.role = Role::customer}, deadline)));
  EXPECT_TRUE(run_task(accounts.change_access(admin, signed_in.user.id, {.status = UserStatus::active}, deadline)));
  EXPECT_TRUE(authenticate(signed_in.tokens.access_token));
  EXPECT_TRUE(audit().empty());
}

TEST_F(UnitAccountsAdmin, KeepsTheLastActiveAdministrator) {
  const auto first =
      run_task(accounts.create_user(admin, {"a@example.com", "longenough", "A", "A"}, Role::admin, deadline)).value();
  EXPECT_EQ(run_task(accounts.change_access(admin, first.id, {.role = Role::customer}, deadline)).error().code,
            Errc::rejected);
  EXPECT_EQ(run_task(accounts.change_access(admin, first.id, {.status = UserStatus::inactive}, deadline)).error().code,
            Errc::rejected);
  ASSERT_TRUE(run_task(accounts.create_user(admin, {"b@example.com", "longenough", "B", "B"}, Role::admin, deadline)));
  EXPECT_TRUE(run_task(accounts.change_access(admin, first.id, {.role = Role::customer}, deadline)));
}

TEST_F(UnitAccountsAdmin, ChangesRoleAndStatusTogetherOrNeither) {
  const auto only =
      run_task(accounts.create_user(admin, {"a@example.com", "longenough", "A", "A"}, Role::admin, deadline)).value();
  const AccessChange wish{.role = Role::operator_, .status = UserStatus::suspended};
  EXPECT_EQ(run_task(accounts.change_access(admin, only.id, wish, deadline)).error().reason, "last_admin");
  EXPECT_EQ(run_task(accounts.profile(only.id, deadline))->role, Role::admin);

  const auto kim = sign_up();
  const auto changed = run_task(accounts.change_access(admin, kim.user.id, wish, deadline));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->role, Role::operator_);
  EXPECT_EQ(changed->status, UserStatus::suspended);
  EXPECT_EQ(changed->generation, kim.user.generation + 1);
  const auto entries = audit();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].action, "user.status_changed");
  EXPECT_EQ(entries[0].details, R"({"from":"active","to":"suspended"})");
  EXPECT_EQ(entries[1].action, "user.role_changed");
  EXPECT_EQ(entries[1].details, R"({"from":"customer","to":"operator"})");
}

TEST_F(UnitAccountsAdmin, SaysWhenThereIsNoSuchUser) {
  const UserId nobody{random.uuid_v7(clock.now())};
  EXPECT_EQ(run_task(accounts.change_access(admin, nobody, {.role = Role::admin}, deadline)).error().code,
            Errc::not_found);
  EXPECT_EQ(run_task(accounts.change_access(admin, nobody, {.status = UserStatus::inactive}, deadline)).error().code,
            Errc::not_found);
  EXPECT_EQ(run_task(accounts.set_password(admin, nobody, "longenough", deadline)).error().code, Errc::not_found);
  EXPECT_EQ(run_task(accounts.profile(nobody, deadline)).error().message, "User not found");
  EXPECT_TRUE(audit().empty());
}

TEST_F(UnitAccountsAdmin, SettingAPasswordVoidsTokens) {
  const auto signed_in = sign_up();
  EXPECT_EQ(run_task(accounts.set_password(admin, signed_in.user.id, "short", deadline)).error().code,
            Errc::invalid_argument);
  ASSERT_TRUE(run_task(accounts.set_password(admin, signed_in.user.id, "another-password", deadline)));
  EXPECT_FALSE(authenticate(signed_in.tokens.access_token));
  EXPECT_FALSE(login());
  EXPECT_TRUE(login("kim@example.com", "another-password"));
  EXPECT_EQ(audit().size(), 1U);
}

TEST_F(UnitAccountsAdmin, RefusesAHashThatNothingMatches) {
  const UserId id{random.uuid_v7(clock.now())};
  for (const char* hash : {"", "plain", "$2b$12$short", "$1$md5crypt"}) {
    const auto result =
        run_task(accounts.import_user(admin, {.id = id, .email = "a@b.co", .password_hash = hash}, deadline));
    EXPECT_EQ(result.error().code, Errc::invalid_argument) << hash;
  }
}

TEST_F(UnitAccountsAdmin, MakesAnAdministratorOfTheGivenPasswordOnce) {
  const auto first = run_task(accounts.ensure_admin("root@example.com", "given-password", deadline)).value();
  EXPECT_TRUE(first.created);
  EXPECT_TRUE(first.generated_password.empty());
  EXPECT_EQ(login("root@example.com", "given-password")->user.role, Role::admin);
  const auto second = run_task(accounts.ensure_admin("root@example.com", "other-password", deadline)).value();
  EXPECT_FALSE(second.created);
  EXPECT_FALSE(login("root@example.com", "other-password"));
  EXPECT_EQ(audit().size(), 1U);
}

TEST_F(UnitAccountsAdmin, MakesUpAPasswordWhenNoneIsGiven) {
  const auto outcome = run_task(accounts.ensure_admin("root@example.com", std::nullopt, deadline)).value();
  EXPECT_TRUE(outcome.created);
  EXPECT_EQ(outcome.generated_password.size(), 16U);
  EXPECT_TRUE(login("root@example.com", outcome.generated_password));
}

TEST_F(UnitAccountsAdmin, WhoeverTookTheAdministratorsEmailFirstGainsNothing) {
  const auto stranger = sign_up("root@example.com");
  ASSERT_TRUE(run_task(accounts.ensure_admin("root@example.com", "given-password", deadline)).value().created);
  EXPECT_FALSE(authenticate(stranger.tokens.access_token));
  EXPECT_FALSE(login("root@example.com", "longenough"));
  EXPECT_EQ(login("root@example.com", "given-password")->user.role, Role::admin);
}

TEST_F(UnitAccountsAdmin, TheMachinesOwnerSpeaksAsAnAdministrator) {
  EXPECT_EQ(run_task(accounts.local_admin_token(std::chrono::hours(1), deadline)).error().code, Errc::not_found);
  ASSERT_TRUE(run_task(accounts.ensure_admin("root@example.com", "given-password", deadline)));
  const auto token = run_task(accounts.local_admin_token(std::chrono::hours(1), deadline)).value();
  EXPECT_EQ(authenticate(token)->role, Role::admin);
  clock.advance(std::chrono::hours(1));
  EXPECT_FALSE(authenticate(token));
}

TEST_F(UnitAccountsAdmin, ListsUsersByOpaqueCursor) {
  for (int i = 0; i < 5; ++i) sign_up(std::to_string(i) + "@example.com");
  std::vector<std::string> emails;
  std::string cursor;
  do {
    const auto page = run_task(accounts.list_users({}, cursor, 2, deadline)).value();
    for (const User& user : page.items) emails.push_back(user.email);
    EXPECT_EQ(page.has_more, !page.cursor.empty());
    cursor = page.cursor;
  } while (!cursor.empty());
  EXPECT_THAT(emails, testing::UnorderedElementsAre("0@example.com", "1@example.com", "2@example.com", "3@example.com",
                                                    "4@example.com"));
  EXPECT_EQ(run_task(accounts.list_users({}, {}, 5, deadline))->has_more, false);
}

TEST_F(UnitAccountsAdmin, RefusesForgedCursors) {
  for (const char* cursor : {"x", "u", "u123", "a1", "0190163d-8694-739b-aea5-966c26f8ad91"}) {
    EXPECT_EQ(run_task(accounts.list_users({}, cursor, 2, deadline)).error().code, Errc::invalid_argument) << cursor;
  }
  for (const char* cursor :
       {"x", "a", "a-1", "a0", "azz", "a 1", "a99999999999999999999", "u0190163d8694739baea5966c26f8ad91"}) {
    EXPECT_EQ(run_task(accounts.list_audit({}, cursor, 2, deadline)).error().code, Errc::invalid_argument) << cursor;
  }
}

TEST_F(UnitAccountsAdmin, CapsThePage) {
  for (int i = 0; i < 120; ++i)
    ASSERT_TRUE(run_task(accounts.record(admin, "saga.retry", std::to_string(i), {}, deadline)));
  const auto page = run_task(accounts.list_audit({}, {}, 1'000'000'000, deadline)).value();
  EXPECT_EQ(page.items.size(), 100U);
  EXPECT_EQ(page.items.front().subject, "119");
  const auto rest = run_task(accounts.list_audit({}, page.cursor, 100, deadline)).value();
  EXPECT_EQ(rest.items.size(), 20U);
  EXPECT_FALSE(rest.has_more);
  EXPECT_EQ(run_task(accounts.list_audit({}, {}, 0, deadline))->items.size(), 1U);
}

TEST_F(UnitAccountsAdmin, CursorsSurviveTheirText) {
  const UserId id{random.uuid_v7(clock.now())};
  EXPECT_EQ(parse_user_cursor(user_cursor(id)), id);
  EXPECT_EQ(parse_audit_cursor(audit_cursor(4711)), 4711);
}

TEST_F(UnitAccountsAdmin, NodesShareOneSecret) {
  const auto first = run_task(shared_secret(users, random, "jwt", deadline)).value();
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(run_task(shared_secret(users, random, "jwt", deadline)).value(), first);
  EXPECT_NE(run_task(shared_secret(users, random, "jwt.refresh", deadline)).value(), first);
}

}  // namespace
}  // namespace edda::accounts
