// A SQLite store copied into PostgreSQL: everything, in order, once, however often the copy is stopped.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "contract/postgres_store_under_test.hpp"
#include "contract/sqlite_under_test.hpp"
#include "crypto/secret_random.hpp"
#include "lanes/case_loader.hpp"
#include "maintenance/copy.hpp"
#include "owner/step_request.hpp"
#include "postgres/key_sink.hpp"
#include "postgres/log_check.hpp"
#include "postgres/owners.hpp"
#include "postgres/read_models.hpp"
#include "postgres/users.hpp"
#include "postgres/view_rebuild.hpp"
#include "sqlite/key_source.hpp"
#include "sqlite/users.hpp"
#include "support/forwarding_store.hpp"
#include "turn/stored_turn.hpp"

namespace edda::test {
namespace {

using maintenance::CopyReport;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp start = from_micros(1'790'000'000'000'000);

/// A store of one machine with orders that were told through the real turns.
class Source {
 public:
  static Uuid id(int order, std::uint8_t kind, int count = 0) {
    return make_uuid_v7(start, {kind, static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(order)},
                        static_cast<std::uint16_t>(order * 7));
  }
  static OrderId order(int n) { return OrderId{id(n, 1)}; }

  void place(int n) {
    const order::Item item{"book", "Book", order::Quantity::whole(1), Money{1'000 + n}};
    tell(n, turn::PlaceOrder{{order(n), UserId{id(1, 4)}, {item}, Money{1'000 + n}, "Seoul", PaymentId{id(n, 2)}, SagaId{id(n, 3)}}, {}});
  }
  void answer(int n, saga::Outcome outcome) {
    const auto state = load(n);
    const auto& last = state.sagas.back();
    tell(n, turn::AnswerStep{last.id, std::string(last.step(last.open.front().step).name), last.open.front().direction,
                             last.open.front().attempt, outcome, "no", "ref", false});
  }
  /// `count` orders: some paid, some declined, some open.
  void fill(int count) {
    for (int n = 1; n <= count; ++n) place(n);
    for (int n = 1; n <= count; ++n) {
      if (n % 3 != 0) answer(n, n % 3 == 1 ? saga::Outcome::succeeded : saga::Outcome::declined);
    }
  }
  void add_users(int count) {
    for (int n = 1; n <= count; ++n) {
      const User user{.id = UserId{id(n, 4)}, .email = fmt::format("u{}@example.com", n), .password_hash = "$argon2id$x",
                      .first_name = "민수", .generation = n, .created_at = start, .updated_at = start + microseconds(n)};
      const AuditEntry made{.at = start, .action = "user.created", .subject = to_string(user.id), .details = R"({"a":1})"};
      ASSERT_TRUE(await(users.create_user(user, made, soon())));
      for (int s = 0; s < 2; ++s) {
        const auto until = start + std::chrono::hours(s == 0 ? 1 : 50);
        ASSERT_TRUE(await(users.open_session({SessionId{id(n, 5, s)}, user.id, TokenId{id(n, 6, s)}, start, start, until, "::1", "curl"}, soon())));
      }
    }
  }

  SqliteUnderTest store{1, std::make_shared<TemporaryFolder>(TemporaryFolder::in_memory())};
  sqlite::SqliteUserStore users{store.database()};
  sqlite::SqliteKeySource keys{store.database()};

 private:
  turn::OrderCase load(int n) { return await(lanes::load_case(store.log(), order(n), soon()))->state; }

  void tell(int n, const turn::Command& command) {
    ++turns_;
    const Timestamp now = start + milliseconds(turns_);
    auto decision = turn::decide(load(n), command, {now, 0, SagaId{id(n, 7)}, Epoch{1}}).value();
    auto encoded = turn::encode(decision);
    Turn turn;
    turn.id = TurnId{id(n, 8, turns_)};
    turn.correlation = order(n);
    if (turns_ % 2 == 0) turn.causation = TurnId{id(n, 9)};
    turn.node = "one";
    turn.proposed_at = now;
    turn.events = std::move(encoded.events);
    turn.orders = std::move(encoded.orders);
    turn.payments = std::move(encoded.payments);
    turn.sagas = std::move(encoded.sagas);
    std::map<StreamId, StreamVersion> first;
    for (const auto& event : turn.events) first.try_emplace(event.stream, event.version.value - 1);
    for (const auto& [stream, version] : first) turn.expected.push_back({stream, version});
    const auto& begins = turn.events.front();
    turn.command = CommandKey{digest_of(static_cast<std::uint64_t>(turns_)), 7, begins.stream, begins.version};
    if (begins.version.value == 1) turn.claims = {{digest_of(static_cast<std::uint64_t>(100'000 + n)), begins.stream}};
    const auto outcomes = await(store.log().append({turn}, soon()));
    ASSERT_TRUE(outcomes && std::holds_alternative<Appended>(outcomes->front())) << to_text(outcomes->front());
  }

  int turns_ = 0;
};

/// A store that answers so many appends and then none.
class FailingLog final : public testing_support::ForwardingStore {
 public:
  FailingLog(EventStore& log, int appends, Errc with) : ForwardingStore(log), log_(log), left_(appends), with_(with) {}
  Task<Result<std::vector<TurnOutcome>>> append(const std::vector<Turn>& batch, Deadline deadline) override {
    if (left_ == 0 && with_ == Errc::unavailable) co_return fail(with_, "gone");
    auto outcomes = co_await log_.append(batch, deadline);
    // The answer is lost; what was asked is done.
    if (left_ == 0) co_return fail(with_, "gone");
    --left_;
    co_return outcomes;
  }

 private:
  EventStore& log_;
  int left_;
  Errc with_;
};

class ContractStoreCopy : public testing::Test {
 protected:
  Result<CopyReport> copy() { return copy_into(target_.store()); }
  Result<CopyReport> copy_into(EventStore& log) {
    return await(maintenance::copy_store({source_.store.log(), source_.store.views(), source_.users, source_.keys},
                                         {log, users_, keys_, owners_, rebuild_, check_}, {"jwt_access"}, random_,
                                         start + std::chrono::hours(2), {}, soon()));
  }

  Source source_;
  PostgresLog target_{16};
  postgres::PostgresUserStore users_{target_.pool()};
  postgres::PostgresKeySink keys_{target_.pool()};
  postgres::PostgresOwners owners_{target_.pool()};
  postgres::PostgresViewRebuild rebuild_{target_.pool()};
  postgres::PostgresStoreCheck check_{target_.pool()};
  postgres::PostgresReadModels views_{target_.pool()};
  crypto::SodiumRandom random_;
};

TEST_F(ContractStoreCopy, CopiesEverythingInOrder) {
  source_.fill(40);
  source_.add_users(3);
  const std::string secret = *await(source_.users.get_or_create_secret("jwt_access", "s3", soon()));
  const auto report = copy();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->differences, IsEmpty());
  EXPECT_FALSE(report->resumed);
  EXPECT_EQ(report->events, await(source_.store.log().last_positions(soon()))->front().value);
  EXPECT_EQ(report->users, 3);
  EXPECT_EQ(report->sessions, 3);  // the others have expired
  EXPECT_EQ(report->audit, 3);
  EXPECT_EQ(report->keys, 40 + 40 + 27);

  const auto wanted = await(source_.store.views().totals(soon()));
  const auto totals = await(views_.totals(soon()));
  EXPECT_EQ(totals->orders, wanted->orders);
  EXPECT_EQ(totals->sagas, wanted->sagas);
  EXPECT_EQ(totals->events, wanted->events);
  const auto there = *await(source_.store.views().find_order(Source::order(1), soon()));
  const auto here = *await(views_.find_order(Source::order(1), soon()));
  EXPECT_EQ(here->row, there->row);
  EXPECT_EQ(here->created_at, there->created_at);
  EXPECT_EQ(here->updated_at, there->updated_at);
  EXPECT_EQ(*await(users_.get_or_create_secret("jwt_access", "other", soon())), secret);
  EXPECT_TRUE(*await(users_.find_user_by_email("u2@example.com", soon())));
}

TEST_F(ContractStoreCopy, GoesOnWhereItWasStopped) {
  source_.fill(400);
  source_.add_users(2);
  for (const Errc with : {Errc::unavailable, Errc::outcome_unknown}) {
    FailingLog failing(target_.store(), 1, with);
    const auto stopped = copy_into(failing);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, with);
  }
  const auto report = copy();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->resumed);
  EXPECT_THAT(report->differences, IsEmpty());
  const auto again = copy();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_THAT(again->differences, IsEmpty());
  EXPECT_EQ(again->events, report->events);
}

TEST_F(ContractStoreCopy, RefusesATargetThatHoldsSomethingElse) {
  source_.fill(2);
  ASSERT_TRUE(await(target_.store().append({place(1, OrderIds(16))}, soon())));
  const auto refused = copy();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_EQ(refused.error().reason, "copy_target");
}

TEST_F(ContractStoreCopy, IsFencedWhenSomebodyServesTheTarget) {
  source_.fill(2);
  for (std::uint16_t shard = 0; shard < 16; ++shard) {
    ASSERT_TRUE(await(target_.store().take_over(ShardId{shard}, "node", {}, soon())));
  }
  const auto refused = copy();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::cancelled);
  EXPECT_EQ(refused.error().reason, "fenced");
}

TEST_F(ContractStoreCopy, FindsWhatIsNotTheSame) {
  source_.fill(5);
  source_.add_users(1);
  ASSERT_TRUE(copy());
  target_.database().sql(
      "SET search_path = edda; UPDATE events SET node = 'two' WHERE (shard, pos) IN (SELECT shard, pos FROM events LIMIT 1);"
      " DELETE FROM keys WHERE key IN (SELECT key FROM keys LIMIT 1); UPDATE sessions SET agent = 'wget';"
      " UPDATE users SET first_name = 'Lee'");
  const auto report = copy();
  ASSERT_TRUE(report) << report.error().message;
  // What is missing is copied again; what differs is told.
  EXPECT_THAT(report->differences, testing::ElementsAre(HasSubstr("is not what follows"), HasSubstr("Users differ")));
}

}  // namespace
}  // namespace edda::test
