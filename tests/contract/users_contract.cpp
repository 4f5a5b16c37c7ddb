#include "contract/users_contract.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::run_task;
using testing_support::some_deadline;

constexpr Timestamp noon = testing_support::ManualClock::start;
constexpr std::chrono::hours hour{1};
using std::chrono::seconds;

template <class IdType>
IdType numbered(int number) {
  IdType id;
  id.value.bytes[0] = 1;
  id.value.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.value.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

User make_user(int number) {
  return {.id = numbered<UserId>(number),
          .email = fmt::format("user{}@example.com", number),
          .password_hash = "$argon2id$x",
          .first_name = "Kim",
          .last_name = "Minsu",
          .created_at = noon,
          .updated_at = noon};
}

AuditEntry make_audit(std::string action, std::string subject) {
  return {.at = noon,
          .actor = numbered<UserId>(1),
          .actor_email = "admin@example.com",
          .action = std::move(action),
          .subject = std::move(subject),
          .reason = "because",
          .details = R"({"a":1})"};
}

Rotation rotation(const Session& session, TokenId presented, TokenId next) {
  return {session.id, presented, next, session.used_at + hour, session.expires_at + hour, "10.0.0.2", "curl/8"};
}

std::vector<UserId> ids(const std::vector<User>& users) {
  std::vector<UserId> result;
  for (const User& user : users) result.push_back(user.id);
  return result;
}

}  // namespace

User ContractUserStore::stored_user(int number, Role role) {
  User user = make_user(number);
  user.role = role;
  EXPECT_TRUE(run_task(store().create_user(user, std::nullopt, some_deadline())));
  return user;
}

User ContractUserStore::reload(UserId id) {
  auto user = run_task(store().find_user(id, some_deadline()));
  EXPECT_TRUE(user && *user);
  return user.value().value();
}

std::size_t ContractUserStore::session_count(UserId user) {
  return run_task(store().list_sessions(user, some_deadline())).value().size();
}

Session ContractUserStore::open(UserId user, int number, Timestamp at) {
  Session session{
      numbered<SessionId>(number), user, numbered<TokenId>(number), at, at, at + 24 * hour, "10.0.0.1", "agent"};
  EXPECT_TRUE(run_task(store().open_session(session, some_deadline())));
  return session;
}

TEST_P(ContractUserStore, GivesBackWhatWasStored) {
  User user = make_user(1);
  user.role = Role::operator_;
  user.status = UserStatus::suspended;
  user.email_verified = true;
  user.generation = 3;
  user.first_name = "민수";
  user.updated_at = noon + microseconds(1);
  ASSERT_TRUE(run_task(store().create_user(user, std::nullopt, some_deadline())));

  const User loaded = reload(user.id);
  EXPECT_EQ(loaded.email, user.email);
  EXPECT_EQ(loaded.password_hash, user.password_hash);
  EXPECT_EQ(loaded.first_name, user.first_name);
  EXPECT_EQ(loaded.last_name, user.last_name);
  EXPECT_EQ(loaded.role, Role::operator_);
  EXPECT_EQ(loaded.status, UserStatus::suspended);
  EXPECT_TRUE(loaded.email_verified);
  EXPECT_EQ(loaded.generation, 3);
  EXPECT_EQ(loaded.created_at, noon);
  EXPECT_EQ(loaded.updated_at, user.updated_at);
}

TEST_P(ContractUserStore, KnowsNobodyElse) {
  stored_user(1);
  EXPECT_FALSE(run_task(store().find_user(numbered<UserId>(2), some_deadline())).value());
  EXPECT_FALSE(run_task(store().find_user_by_email("user2@example.com", some_deadline())).value());
}

TEST_P(ContractUserStore, TellsEmailsApartByCase) {
  stored_user(1);
  User upper = make_user(2);
  upper.email = "User1@example.com";
  ASSERT_TRUE(run_task(store().create_user(upper, std::nullopt, some_deadline())));
  EXPECT_EQ(run_task(store().find_user_by_email("user1@example.com", some_deadline())).value()->id,
            numbered<UserId>(1));
  EXPECT_EQ(run_task(store().find_user_by_email("User1@example.com", some_deadline())).value()->id,
            numbered<UserId>(2));
}

TEST_P(ContractUserStore, RefusesATakenEmailOrIdAndWritesNoAuditThen) {
  stored_user(1);
  User same_email = make_user(2);
  same_email.email = "user1@example.com";
  const auto email = run_task(store().create_user(same_email, make_audit("user.created", "x"), some_deadline()));
  EXPECT_EQ(email.error().code, Errc::already_exists);
  EXPECT_EQ(email.error().reason, "email");
  User same_id = make_user(1);
  same_id.email = "other@example.com";
  const auto id = run_task(store().create_user(same_id, std::nullopt, some_deadline()));
  EXPECT_EQ(id.error().code, Errc::already_exists);
  EXPECT_EQ(id.error().reason, "id");
  EXPECT_THAT(run_task(store().list_audit({}, std::nullopt, 10, some_deadline())).value(), IsEmpty());
  EXPECT_FALSE(run_task(store().find_user_by_email("other@example.com", some_deadline())).value());
}

TEST_P(ContractUserStore, ListsInTheOrderOfIdsPageByPage) {
  for (const int number : {5, 3, 1, 4, 2}) stored_user(number, number % 2 ? Role::customer : Role::merchant);
  const auto page = [&](UserFilter filter, std::optional<UserId> after, std::size_t limit) {
    return ids(run_task(store().list_users(filter, after, limit, some_deadline())).value());
  };
  EXPECT_THAT(page({}, std::nullopt, 2), ElementsAre(numbered<UserId>(1), numbered<UserId>(2)));
  EXPECT_THAT(page({}, numbered<UserId>(2), 2), ElementsAre(numbered<UserId>(3), numbered<UserId>(4)));
  EXPECT_THAT(page({}, numbered<UserId>(5), 2), IsEmpty());
  EXPECT_THAT(page({.role = Role::merchant}, numbered<UserId>(2), 5), ElementsAre(numbered<UserId>(4)));
  EXPECT_THAT(page({.status = UserStatus::inactive}, std::nullopt, 5), IsEmpty());
  EXPECT_THAT(
      page({.role = Role::customer, .status = UserStatus::active, .email = "user5@example.com"}, std::nullopt, 5),
      ElementsAre(numbered<UserId>(5)));
}

TEST_P(ContractUserStore, ChangesOnlyWhatIsSet) {
  stored_user(1);
  const UserChange change{.role = Role::merchant, .at = noon + hour};
  const auto changed = run_task(store().change_user(numbered<UserId>(1), change, {}, some_deadline()));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->role, Role::merchant);
  const User loaded = reload(numbered<UserId>(1));
  EXPECT_EQ(loaded.role, Role::merchant);
  EXPECT_EQ(loaded.updated_at, noon + hour);
  EXPECT_EQ(loaded.created_at, noon);
  EXPECT_EQ(loaded.email, "user1@example.com");
  EXPECT_EQ(loaded.password_hash, "$argon2id$x");
  EXPECT_EQ(loaded.status, UserStatus::active);
  EXPECT_EQ(loaded.generation, 0);
}

TEST_P(ContractUserStore, ChangesEverythingThatCanBeSet) {
  stored_user(1);
  const UserChange change{.email = "new@example.com",
                          .password_hash = "$argon2id$y",
                          .first_name = "A",
                          .last_name = "B",
                          .role = Role::admin,
                          .status = UserStatus::inactive,
                          .email_verified = true,
                          .at = noon + hour};
  ASSERT_TRUE(run_task(store().change_user(numbered<UserId>(1), change, {}, some_deadline())));
  const auto loaded = run_task(store().find_user_by_email("new@example.com", some_deadline())).value().value();
  EXPECT_EQ(loaded.password_hash, "$argon2id$y");
  EXPECT_EQ(loaded.first_name, "A");
  EXPECT_EQ(loaded.last_name, "B");
  EXPECT_EQ(loaded.role, Role::admin);
  EXPECT_EQ(loaded.status, UserStatus::inactive);
  EXPECT_TRUE(loaded.email_verified);
  EXPECT_FALSE(run_task(store().find_user_by_email("user1@example.com", some_deadline())).value());
}

TEST_P(ContractUserStore, RefusesChangesThatCannotBe) {
  stored_user(1);
  stored_user(2);
  const auto change = [&](int number, UserChange what) {
    return run_task(
        store().change_user(numbered<UserId>(number), what, {make_audit("user.changed", "x")}, some_deadline()));
  };
  EXPECT_EQ(change(3, {.role = Role::admin, .at = noon}).error().code, Errc::not_found);
  EXPECT_EQ(change(2, {.email = "user1@example.com", .at = noon}).error().code, Errc::already_exists);
  EXPECT_EQ(change(2, {.password_hash = "new", .expected_password_hash = "stale", .at = noon}).error().code,
            Errc::version_conflict);
  EXPECT_EQ(reload(numbered<UserId>(2)).email, "user2@example.com");
  EXPECT_EQ(reload(numbered<UserId>(2)).password_hash, "$argon2id$x");
  EXPECT_THAT(run_task(store().list_audit({}, std::nullopt, 10, some_deadline())).value(), IsEmpty());
  EXPECT_TRUE(change(2, {.password_hash = "new", .expected_password_hash = "$argon2id$x", .at = noon}));
}

TEST_P(ContractUserStore, RevokingTokensEndsTheSessionsOfThatUserAlone) {
  stored_user(1);
  stored_user(2);
  open(numbered<UserId>(1), 1, noon);
  open(numbered<UserId>(1), 2, noon);
  open(numbered<UserId>(2), 3, noon);
  const UserChange revoke{.revoke_tokens = true, .at = noon + hour};
  const auto user = run_task(store().change_user(numbered<UserId>(1), revoke, {}, some_deadline()));
  EXPECT_EQ(user.value().generation, 1);
  EXPECT_EQ(session_count(numbered<UserId>(1)), 0U);
  EXPECT_EQ(session_count(numbered<UserId>(2)), 1U);
}

TEST_P(ContractUserStore, RotatesASessionsToken) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  const auto outcome =
      run_task(store().rotate_session(rotation(session, session.token, numbered<TokenId>(9)), some_deadline()));
  EXPECT_EQ(outcome.value(), RotationOutcome::rotated);
  const auto sessions = run_task(store().list_sessions(numbered<UserId>(1), some_deadline())).value();
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].token, numbered<TokenId>(9));
  EXPECT_EQ(sessions[0].created_at, noon);
  EXPECT_EQ(sessions[0].used_at, noon + hour);
  EXPECT_EQ(sessions[0].expires_at, session.expires_at + hour);
  EXPECT_EQ(sessions[0].address, "10.0.0.2");
  EXPECT_EQ(sessions[0].agent, "curl/8");
}

TEST_P(ContractUserStore, AReplayedTokenEndsTheWholeFamily) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  const auto rotate = [&](int presented, int next) {
    return run_task(store().rotate_session(rotation(session, numbered<TokenId>(presented), numbered<TokenId>(next)),
                                           some_deadline()))
        .value();
  };
  EXPECT_EQ(rotate(1, 2), RotationOutcome::rotated);
  EXPECT_EQ(rotate(1, 3), RotationOutcome::replayed);
  EXPECT_EQ(rotate(2, 4), RotationOutcome::absent);
  EXPECT_EQ(session_count(numbered<UserId>(1)), 0U);
}

TEST_P(ContractUserStore, TheTokenSpentLastMayComeAgainForAWhileAndThenEndsTheFamily) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  const auto rotate = [&](int presented, int next, seconds after) {
    Rotation wish = rotation(session, numbered<TokenId>(presented), numbered<TokenId>(next));
    wish.at = noon + after;
    wish.repeatable_until = wish.at + seconds(10);
    return run_task(store().rotate_session(wish, some_deadline())).value();
  };
  EXPECT_EQ(rotate(1, 2, seconds(0)), RotationOutcome::rotated);
  EXPECT_EQ(rotate(1, 3, seconds(4)), RotationOutcome::rotated);
  // Counted from the first use: a repeat does not start the time anew.
  EXPECT_EQ(rotate(1, 4, seconds(9)), RotationOutcome::rotated);
  const auto sessions = run_task(store().list_sessions(numbered<UserId>(1), some_deadline())).value();
  EXPECT_EQ(sessions.at(0).token, numbered<TokenId>(4));
  EXPECT_EQ(sessions.at(0).used_at, noon + seconds(9));
  EXPECT_EQ(rotate(1, 5, seconds(10)), RotationOutcome::replayed);
  EXPECT_EQ(rotate(4, 6, seconds(10)), RotationOutcome::absent);
}

TEST_P(ContractUserStore, OnlyTheTokenSpentLastMayComeAgain) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  const auto rotate = [&](int presented, int next) {
    Rotation wish = rotation(session, numbered<TokenId>(presented), numbered<TokenId>(next));
    wish.repeatable_until = wish.at + seconds(10);
    return run_task(store().rotate_session(wish, some_deadline())).value();
  };
  EXPECT_EQ(rotate(1, 2), RotationOutcome::rotated);
  EXPECT_EQ(rotate(2, 3), RotationOutcome::rotated);
  EXPECT_EQ(rotate(1, 4), RotationOutcome::replayed);
  EXPECT_EQ(session_count(numbered<UserId>(1)), 0U);
}

TEST_P(ContractUserStore, WhatARepeatReplacedIsSpent) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  const auto rotate = [&](int presented, int next) {
    Rotation wish = rotation(session, numbered<TokenId>(presented), numbered<TokenId>(next));
    wish.repeatable_until = wish.at + seconds(10);
    return run_task(store().rotate_session(wish, some_deadline())).value();
  };
  EXPECT_EQ(rotate(1, 2), RotationOutcome::rotated);
  EXPECT_EQ(rotate(1, 3), RotationOutcome::rotated);
  EXPECT_EQ(rotate(2, 4), RotationOutcome::replayed);
}

TEST_P(ContractUserStore, ARotationThatAllowsNoRepeatTakesItBack) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  Rotation wish = rotation(session, numbered<TokenId>(1), numbered<TokenId>(2));
  wish.repeatable_until = wish.at + seconds(10);
  ASSERT_EQ(run_task(store().rotate_session(wish, some_deadline())).value(), RotationOutcome::rotated);
  wish.repeatable_until = {};
  wish.next = numbered<TokenId>(3);
  ASSERT_EQ(run_task(store().rotate_session(wish, some_deadline())).value(), RotationOutcome::rotated);
  wish.next = numbered<TokenId>(4);
  EXPECT_EQ(run_task(store().rotate_session(wish, some_deadline())).value(), RotationOutcome::replayed);
}

TEST_P(ContractUserStore, AnExpiredSessionIsAbsent) {
  stored_user(1);
  const Session session = open(numbered<UserId>(1), 1, noon);
  Rotation late = rotation(session, session.token, numbered<TokenId>(2));
  late.at = session.expires_at;
  EXPECT_EQ(run_task(store().rotate_session(late, some_deadline())).value(), RotationOutcome::absent);
}

TEST_P(ContractUserStore, OpensNoSessionForNobody) {
  const Session session{numbered<SessionId>(1), numbered<UserId>(7), {}, noon, noon, noon + hour, {}, {}};
  EXPECT_EQ(run_task(store().open_session(session, some_deadline())).error().code, Errc::not_found);
}

TEST_P(ContractUserStore, ClosesOnlyTheUsersOwnSession) {
  stored_user(1);
  stored_user(2);
  const Session session = open(numbered<UserId>(1), 1, noon);
  EXPECT_FALSE(run_task(store().close_session(numbered<UserId>(2), session.id, some_deadline())).value());
  EXPECT_TRUE(run_task(store().close_session(numbered<UserId>(1), session.id, some_deadline())).value());
  EXPECT_FALSE(run_task(store().close_session(numbered<UserId>(1), session.id, some_deadline())).value());
}

TEST_P(ContractUserStore, KeepsTheMostRecentlyUsedSessions) {
  stored_user(1);
  const int count = static_cast<int>(sessions_per_user_max) + 2;
  for (int number = 1; number <= count; ++number)
    open(numbered<UserId>(1), number, noon + std::chrono::seconds(number));
  const auto sessions = run_task(store().list_sessions(numbered<UserId>(1), some_deadline())).value();
  ASSERT_EQ(sessions.size(), sessions_per_user_max);
  EXPECT_EQ(sessions.front().id, numbered<SessionId>(count));
  EXPECT_EQ(sessions.back().id, numbered<SessionId>(3));
}

TEST_P(ContractUserStore, OpeningASessionSweepsTheExpiredOnes) {
  stored_user(1);
  open(numbered<UserId>(1), 1, noon);
  open(numbered<UserId>(1), 2, noon + 24 * hour);
  EXPECT_EQ(session_count(numbered<UserId>(1)), 1U);
}

TEST_P(ContractUserStore, ListsAuditEntriesNewestFirst) {
  const auto append = [&](std::string action, std::string subject) {
    return run_task(store().append_audit(make_audit(std::move(action), std::move(subject)), some_deadline())).value();
  };
  const auto first = append("a", "x");
  const auto second = append("b", "x");
  const auto third = append("a", "y");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  const auto list = [&](AuditFilter filter, std::optional<std::int64_t> before, std::size_t limit) {
    std::vector<std::int64_t> sequences;
    for (const auto& entry : run_task(store().list_audit(filter, before, limit, some_deadline())).value()) {
      sequences.push_back(entry.sequence);
    }
    return sequences;
  };
  EXPECT_THAT(list({}, std::nullopt, 2), ElementsAre(third, second));
  EXPECT_THAT(list({}, second, 2), ElementsAre(first));
  EXPECT_THAT(list({.action = "a"}, std::nullopt, 5), ElementsAre(third, first));
  EXPECT_THAT(list({.subject = "x"}, std::nullopt, 5), ElementsAre(second, first));
  EXPECT_THAT(list({.actor = numbered<UserId>(2)}, std::nullopt, 5), IsEmpty());

  const auto entry = run_task(store().list_audit({}, std::nullopt, 1, some_deadline())).value().at(0);
  EXPECT_EQ(entry.at, noon);
  EXPECT_EQ(entry.actor, numbered<UserId>(1));
  EXPECT_EQ(entry.actor_email, "admin@example.com");
  EXPECT_EQ(entry.reason, "because");
  EXPECT_EQ(entry.details, R"({"a":1})");
}

TEST_P(ContractUserStore, WritesTheAuditEntryWithItsChange) {
  stored_user(1);
  const UserChange change{.status = UserStatus::suspended, .at = noon};
  ASSERT_TRUE(run_task(
      store().change_user(numbered<UserId>(1), change, {make_audit("user.status_changed", "1")}, some_deadline())));
  const auto entries = run_task(store().list_audit({}, std::nullopt, 10, some_deadline())).value();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "user.status_changed");
}

TEST_P(ContractUserStore, KeepsAnAdministratorWhenAskedTo) {
  const UserId first = stored_user(1, Role::admin).id;
  const UserId second = stored_user(2, Role::admin).id;
  stored_user(3, Role::operator_);
  const auto change = [&](UserId id, UserChange what) {
    return run_task(store().change_user(id, what, {make_audit("user.changed", "x")}, some_deadline()));
  };
  ASSERT_TRUE(change(first, {.status = UserStatus::suspended, .keep_an_admin = true, .at = noon}));
  for (const UserChange& last :
       {UserChange{.role = Role::customer, .keep_an_admin = true, .at = noon + hour},
        UserChange{.status = UserStatus::inactive, .keep_an_admin = true, .at = noon + hour}}) {
    const auto refused = change(second, last);
    EXPECT_EQ(refused.error().code, Errc::rejected);
    EXPECT_EQ(refused.error().reason, "last_admin");
  }
  EXPECT_EQ(reload(second).role, Role::admin);
  EXPECT_EQ(reload(second).status, UserStatus::active);
  EXPECT_EQ(reload(second).updated_at, noon);
  EXPECT_EQ(run_task(store().list_audit({}, std::nullopt, 10, some_deadline())).value().size(), 1U);

  EXPECT_TRUE(change(second, {.first_name = "Lee", .role = Role::admin, .keep_an_admin = true, .at = noon}));
  EXPECT_TRUE(change(first, {.role = Role::customer, .keep_an_admin = true, .at = noon}));
  EXPECT_TRUE(change(first, {.role = Role::admin, .status = UserStatus::active, .keep_an_admin = true, .at = noon}));
  EXPECT_TRUE(change(second, {.role = Role::customer, .keep_an_admin = true, .at = noon}));
  EXPECT_TRUE(change(first, {.role = Role::customer, .at = noon}));
}

TEST_P(ContractUserStore, WritesSeveralAuditEntriesWithOneChange) {
  stored_user(1);
  ASSERT_TRUE(run_task(store().change_user(numbered<UserId>(1), {.role = Role::merchant, .at = noon},
                                           {make_audit("a", "1"), make_audit("b", "1")}, some_deadline())));
  const auto entries = run_task(store().list_audit({}, std::nullopt, 10, some_deadline())).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].action, "b");
  EXPECT_EQ(entries[1].action, "a");
}

TEST_P(ContractUserStore, GivesEverybodyTheSecretThatCameFirst) {
  const auto secret = [&](std::string name, std::string proposed) {
    return run_task(store().get_or_create_secret(std::move(name), std::move(proposed), some_deadline())).value();
  };
  EXPECT_EQ(secret("jwt", "first"), "first");
  EXPECT_EQ(secret("jwt", "second"), "first");
  EXPECT_EQ(secret("other", "third"), "third");
}

}  // namespace edda
