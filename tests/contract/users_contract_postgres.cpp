#include <gmock/gmock.h>

#include <thread>

#include "contract/postgres_under_test.hpp"
#include "contract/users_contract.hpp"
#include "postgres/users.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda {
namespace {

using testing_support::run_task;
using testing_support::some_deadline;

constexpr Timestamp stored_noon = testing_support::ManualClock::start;

struct PostgresUsers final : UserStoreHolder {
  std::unique_ptr<testing_support::PostgresDatabase> database = test::migrated_database();
  test::PostgresPool pool{database->address()};
  postgres::PostgresUserStore users{*pool};
  UserStore& store() override { return users; }
};

INSTANTIATE_TEST_SUITE_P(ContractPostgres, ContractUserStore, testing::Values(UserStoreFactory{"postgres", [] {
                           return std::make_unique<PostgresUsers>();
                         }}));

/// Two nodes on one database, and what each of them says to the same question asked at the same time.
class ContractPostgresUsersOfTwoNodes : public testing::Test {
 protected:
  template <class Answer>
  std::pair<Answer, Answer> at_once(std::function<Answer(UserStore&, int)> ask) {
    std::optional<Answer> other_answer;
    std::thread other([&] { other_answer.emplace(ask(two_, 2)); });
    Answer answer = ask(one_, 1);
    other.join();
    return {std::move(answer), *std::move(other_answer)};
  }

  template <class IdType>
  static IdType numbered(int number) {
    IdType id;
    id.value.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
  }
  void add_user(int number, Role role) {
    const User user{.id = numbered<UserId>(number),
                    .email = fmt::format("user{}@example.com", number),
                    .role = role,
                    .created_at = stored_noon,
                    .updated_at = stored_noon};
    ASSERT_TRUE(run_task(one_.create_user(user, std::nullopt, some_deadline())));
  }

  std::unique_ptr<testing_support::PostgresDatabase> database_ = test::migrated_database();
  test::PostgresPool first_{database_->address()};
  test::PostgresPool second_{database_->address()};
  postgres::PostgresUserStore one_{*first_};
  postgres::PostgresUserStore two_{*second_};
};

TEST_F(ContractPostgresUsersOfTwoNodes, OneOfTheLastTwoAdministratorsStays) {
  add_user(1, Role::admin);
  add_user(2, Role::admin);
  for (int round = 0; round < 20; ++round) {
    const auto remove = [](UserStore& store, int number) {
      return run_task(store.change_user(numbered<UserId>(number),
                                        {.role = Role::customer, .keep_an_admin = true, .at = stored_noon}, {}, some_deadline()));
    };
    const auto [one, two] = at_once<Result<User>>(remove);
    ASSERT_NE(one.has_value(), two.has_value());
    EXPECT_EQ((one ? two : one).error().code, Errc::rejected);
    for (const int number : {1, 2}) {
      ASSERT_TRUE(run_task(one_.change_user(numbered<UserId>(number), {.role = Role::admin, .at = stored_noon}, {}, some_deadline())));
    }
  }
}

TEST_F(ContractPostgresUsersOfTwoNodes, ATokenThatIsSpentOnBothEndsItsFamily) {
  add_user(1, Role::customer);
  for (int round = 0; round < 20; ++round) {
    const Session session{numbered<SessionId>(7), numbered<UserId>(1), numbered<TokenId>(1), stored_noon, stored_noon,
                          stored_noon + std::chrono::hours(1), "", ""};
    ASSERT_TRUE(run_task(one_.open_session(session, some_deadline())));
    const auto spend = [&](UserStore& store, int number) {
      return run_task(store.rotate_session(
          {session.id, session.token, numbered<TokenId>(10 + number), stored_noon, session.expires_at, "", ""}, some_deadline()));
    };
    const auto [one, two] = at_once<Result<RotationOutcome>>(spend);
    ASSERT_TRUE(one && two);
    EXPECT_THAT((std::vector{one.value(), two.value()}),
                testing::UnorderedElementsAre(RotationOutcome::rotated, RotationOutcome::replayed));
    EXPECT_THAT(run_task(one_.list_sessions(numbered<UserId>(1), some_deadline())).value(), testing::IsEmpty());
  }
}

TEST_F(ContractPostgresUsersOfTwoNodes, BothGetTheSameSecret) {
  for (int round = 0; round < 20; ++round) {
    const auto ask = [&](UserStore& store, int number) {
      return run_task(store.get_or_create_secret(fmt::format("s{}", round), fmt::format("of {}", number), some_deadline()));
    };
    const auto [one, two] = at_once<Result<std::string>>(ask);
    EXPECT_EQ(one.value(), two.value());
  }
}

TEST_F(ContractPostgresUsersOfTwoNodes, NeitherOpensASessionBeyondTheMost) {
  add_user(1, Role::customer);
  const auto open = [](UserStore& store, int number) {
    Result<void> last;
    for (std::size_t i = 0; i < sessions_per_user_max; ++i) {
      Session session{.id = {}, .user = numbered<UserId>(1), .token = {}, .created_at = stored_noon, .used_at = stored_noon,
                      .expires_at = stored_noon + std::chrono::hours(1), .address = {}, .agent = {}};
      session.id.value.bytes[0] = static_cast<std::uint8_t>(number);
      session.id.value.bytes[15] = static_cast<std::uint8_t>(i);
      last = run_task(store.open_session(session, some_deadline()));
      EXPECT_TRUE(last);
    }
    return last;
  };
  at_once<Result<void>>(open);
  EXPECT_EQ(run_task(one_.list_sessions(numbered<UserId>(1), some_deadline()))->size(), sessions_per_user_max);
}

}  // namespace
}  // namespace edda
