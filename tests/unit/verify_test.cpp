#include "maintenance/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lanes/case_loader.hpp"
#include "memory/event_store.hpp"
#include "owner/step_request.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "turn/stored_turn.hpp"

namespace edda::maintenance {
namespace {

using saga::Outcome;
using testing::Contains;
using testing::HasSubstr;
using testing_support::run_task;
using testing_support::some_deadline;

class FakeLedger final : public GatewayLedger {
 public:
  std::vector<LedgerEntry> entries;

  void add(LedgerEntry entry) {
    entry.number = static_cast<std::int64_t>(entries.size()) + 1;
    entries.push_back(std::move(entry));
  }
  Task<Result<std::vector<LedgerEntry>>> read(std::int64_t after, std::size_t limit, Deadline) override {
    std::vector<LedgerEntry> page;
    for (auto i = static_cast<std::size_t>(after); i < entries.size() && page.size() < limit; ++i) page.push_back(entries[i]);
    co_return page;
  }
  Task<Result<std::optional<LedgerEntry>>> find(std::string key, Deadline) override {
    for (const auto& entry : entries)
      if (entry.key == key) co_return entry;
    co_return std::nullopt;
  }
};

/// Orders told through the real turns into the memory store, with a gateway that keeps its book.
class UnitVerify : public testing::Test {
 protected:
  using Tamper = std::function<void(turn::Decision&)>;

  static Uuid id(int order, std::uint8_t kind, std::uint8_t count = 0) {
    return make_uuid_v7(testing_support::ManualClock::start, {kind, count, static_cast<std::uint8_t>(order)},
                        static_cast<std::uint16_t>(order));
  }
  static OrderId order(int n) { return OrderId{id(n, 1)}; }
  static SagaId saga(int n) { return SagaId{id(n, 3)}; }

  turn::OrderCase load(int n) { return run_task(lanes::load_case(store, order(n), some_deadline())).value().state; }

  void tell(int n, const turn::Command& command, const Tamper& tamper = {}) {
    clock.advance(milliseconds(1));
    ++turns;
    const auto before = load(n);
    auto decision = turn::decide(before, command, {clock.now(), 0, SagaId{id(n, 7, turns)}, Epoch{1}}).value();
    if (tamper) tamper(decision);
    auto encoded = turn::encode(decision);
    Turn turn{.id = TurnId{id(n, 8, turns)},
              .shard = ShardId{0},
              .correlation = order(n),
              .causation = {},
              .node = "n1",
              .proposed_at = clock.now(),
              .expected = {},
              .after = {},
              .events = std::move(encoded.events),
              .command = {},
              .claims = {},
              .epoch = {},
              .orders = std::move(encoded.orders),
              .payments = std::move(encoded.payments),
              .sagas = std::move(encoded.sagas),
              .products = {}};
    if (forget_rows) turn.orders.clear();
    std::map<StreamId, StreamVersion> first;
    for (const auto& event : turn.events) first.try_emplace(event.stream, event.version.value - 1);
    for (const auto& [stream, version] : first) turn.expected.push_back({stream, version});
    const auto outcomes = run_task(store.append({turn}, some_deadline())).value();
    ASSERT_TRUE(std::holds_alternative<Appended>(outcomes.front()));
  }

  void place(int n, std::int64_t minor = 1000, const Tamper& tamper = {}, std::vector<std::string> with = {}) {
    const order::Item item{"book", "Book", order::Quantity::whole(1), Money{minor}};
    tell(n, turn::PlaceOrder{{order(n), UserId{id(1, 4)}, {item}, Money{minor}, "Seoul", PaymentId{id(n, 2)}, saga(n)}, std::move(with)}, tamper);
  }
  /// The gateway does what the last saga's open request asks for.
  LedgerEntry act(int n) {
    const auto state = load(n);
    const auto request = owner::step_request(state, state.sagas.back(), state.sagas.back().open.front());
    const bool refund = request.action == saga::Action::refund_payment;
    ledger.add({.kind = refund ? LedgerEntry::Kind::refund : LedgerEntry::Kind::charge,
                .key = request.key,
                .amount = request.amount,
                .reference = "ref:" + request.key,
                .charge = refund ? request.charge_reference : std::string()});
    return ledger.entries.back();
  }
  void answer(int n, Outcome outcome, std::string reference = {}) {
    const auto state = load(n);
    const auto& last = state.sagas.back();
    tell(n, turn::AnswerStep{last.id, std::string(last.step(last.open.front().step).name), last.open.front().direction, last.open.front().attempt,
                             outcome, "no", std::move(reference), false});
  }
  void pay(int n, std::int64_t minor = 1000) {
    place(n, minor);
    answer(n, Outcome::succeeded, act(n).reference);
  }

  VerifyReport verify() {
    Verifier verifier({store, store, store, store, &ledger, clock});
    return run_task(verifier.run({}, some_deadline())).value();
  }

  memory::MemoryEventStore store;
  FakeLedger ledger;
  testing_support::ManualClock clock;
  std::uint8_t turns = 0;
  bool forget_rows = false;
};

TEST_F(UnitVerify, ListsMoneyThatAForceCloseKept) {
  pay(1);
  tell(1, turn::CancelOrder{"broken"});
  answer(1, Outcome::declined);
  const SagaId cancellation = load(1).sagas.back().id;
  tell(1, turn::OperateSaga{cancellation, {saga::OperatorAction::force_close, UserId{id(1, 4)}, "settled in cash", {}, {}, {}}});
  const auto report = verify();
  EXPECT_EQ(report.money.faults.total, 0);
  EXPECT_EQ(report.orders.faults.total, 0);
  EXPECT_EQ(report.totals.begin()->second.parked, 1000);
}

TEST_F(UnitVerify, AnOrderMayHaveNoPaymentYet) {
  place(1, 1000, {}, {"order_approval"});
  EXPECT_EQ(verify().money.faults.total, 0);
}

TEST_F(UnitVerify, FindsNothingWrongWithOrdersAtEveryStage) {
  pay(1);
  place(2);                                             // asked for
  place(3);
  answer(3, Outcome::declined);                         // declined, cancelled
  pay(4);
  tell(4, turn::RefundOrder{300, "damaged"});
  answer(4, Outcome::succeeded, act(4).reference);      // partly refunded
  pay(5);
  tell(5, turn::CancelOrder{"changed my mind"});        // on its way back
  pay(6);
  tell(6, turn::CancelOrder{"changed my mind"});
  answer(6, Outcome::succeeded, act(6).reference);      // paid back
  pay(7);
  tell(7, turn::CancelOrder{"changed my mind"});
  answer(7, Outcome::declined);                         // parked

  const auto report = verify();

  EXPECT_TRUE(report.ok()) << to_json(report);
  const auto& usd = report.totals.at("USD");
  EXPECT_EQ(usd.captured, 5000);
  EXPECT_EQ(usd.refunded, 1300);
  EXPECT_EQ(usd.standing, 2000);
  EXPECT_EQ(usd.standing_refunded, 300);
  EXPECT_EQ(usd.in_flight, 1000);
  EXPECT_EQ(usd.parked, 1000);
  EXPECT_EQ(report.orders.checked, 7);
  EXPECT_EQ(report.sagas.notes.total, 1);
}

TEST_F(UnitVerify, ReadsMoreThanAPage) {
  for (int n = 1; n <= 200; ++n) place(n);
  EXPECT_EQ(verify().orders.checked, 200);
}

TEST_F(UnitVerify, FindsARowThatIsMissing) {
  pay(1);
  forget_rows = true;
  place(2);
  const auto report = verify();
  EXPECT_THAT(report.views.faults.kept, Contains(HasSubstr("is missing")));
  EXPECT_EQ(report.views.faults.total, 1);
  EXPECT_TRUE(report.money.ok());
}

TEST_F(UnitVerify, FindsAChangedTotalInTheView) {
  pay(1);
  auto row = order::row_of(load(1).order);
  row.total.minor = 1;
  store.overwrite(row);
  const auto report = verify();
  EXPECT_EQ(report.views.faults.total, 1);
  EXPECT_TRUE(report.money.ok());
}

TEST_F(UnitVerify, FindsAPaymentThatIsNotTheOrdersTotal) {
  place(1, 1000, [](turn::Decision& decision) {
    for (auto& event : decision.events)
      if (auto* payment = std::get_if<payment::Event>(&event.event)) std::get<payment::PaymentRequested>(*payment).amount.minor = 1;
    decision.after.payment.amount.minor = 1;
  });
  EXPECT_THAT(verify().money.faults.kept, Contains(HasSubstr("its total is 10.00 USD, its payment's 0.01 USD")));
}

TEST_F(UnitVerify, FindsALiveSagaWithNothingToDo) {
  place(1, 1000, [](turn::Decision& decision) {
    decision.events.pop_back();
    auto& saga = decision.after.sagas.front();
    saga.open.clear();
    --saga.version.value;
  });
  const auto report = verify();
  EXPECT_THAT(report.sagas.faults.kept, Contains(HasSubstr("has no next move")));
}

TEST_F(UnitVerify, FindsMoneyOfACancelledOrderThatNobodyGivesBack) {
  pay(1);
  tell(1, turn::ShipOrder{}, [](turn::Decision& decision) {
    decision.events.front().event = order::OrderCancelled{order(1), decision.after.order.user, ""};
    decision.after.order.status = OrderStatus::cancelled;
  });
  const auto report = verify();
  EXPECT_THAT(report.money.faults.kept, Contains(HasSubstr("no saga gives it back")));
  EXPECT_EQ(report.totals.at("USD").difference(), 1000);
}

TEST_F(UnitVerify, FindsAnOrderThatNothingCarriesToAnEnd) {
  place(1);
  const auto report_before = verify();
  answer(1, Outcome::declined);
  pay(2);
  tell(2, turn::ShipOrder{}, [](turn::Decision& decision) {
    decision.events.front().event = order::OrderCancellationRequested{order(2), "", saga(2)};
    decision.after.order.status = OrderStatus::cancelling;
  });
  EXPECT_TRUE(report_before.orders.ok());
  EXPECT_THAT(verify().orders.faults.kept, testing::ElementsAre(HasSubstr("is cancelling, and no saga carries it")));
}

TEST_F(UnitVerify, MentionsAnOrderThatIsLate) {
  place(1);
  clock.advance(std::chrono::hours(1));
  const auto report = verify();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.orders.notes.total, 1);
}

TEST_F(UnitVerify, WithoutTheGatewaysBooksItSaysThatItDidNotCompare) {
  pay(1);
  Verifier verifier({store, store, store, store, nullptr, clock});
  const auto report = run_task(verifier.run({}, some_deadline())).value();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.ledger.checked, 0);
  EXPECT_THAT(to_json(report), HasSubstr("The payment gateway keeps its own books"));
}

TEST_F(UnitVerify, FindsAChargeMadeTwiceUnderOneKey) {
  pay(1);
  ledger.add(ledger.entries.front());
  EXPECT_THAT(verify().ledger.faults.kept, Contains(HasSubstr("repeats what entry 1 had decided")));
}

TEST_F(UnitVerify, FindsAChargeUnderASecondKey) {
  pay(1);
  auto twice = ledger.entries.front();
  twice.key = to_string(saga(1)) + "/payment_again/forward";
  ledger.add(twice);
  const auto report = verify();
  EXPECT_THAT(report.ledger.faults.kept, testing::ElementsAre(HasSubstr("the log has no record of it")));
}

TEST_F(UnitVerify, FindsAKeyThatIsNoStepsKey) {
  ledger.add({.key = to_string(saga(1)) + "/payment_processing/forward/2", .amount = {}, .reference = "r", .charge = {}});
  EXPECT_THAT(verify().ledger.faults.kept, Contains(HasSubstr("names no saga, step and direction")));
}

TEST_F(UnitVerify, FindsACaptureThatTheGatewayNeverMade) {
  pay(1);
  ledger.entries.clear();
  EXPECT_THAT(verify().ledger.faults.kept, Contains(HasSubstr("that the gateway never made")));
}

TEST_F(UnitVerify, FindsAChargeOfAnotherAmount) {
  pay(1);
  ledger.entries.front().amount.minor = 999;
  EXPECT_THAT(verify().ledger.faults.kept, Contains(HasSubstr("is not what the log has")));
}

TEST_F(UnitVerify, FindsARefundThatTheGatewayNeverMade) {
  pay(1);
  tell(1, turn::RefundOrder{300, "damaged"});
  answer(1, Outcome::succeeded, "ref:invented");
  EXPECT_THAT(verify().ledger.faults.kept, Contains(HasSubstr("refund under")));
}

TEST_F(UnitVerify, ListsAChargeWhoseAnswerIsStillAwaited) {
  place(1);
  act(1);
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << to_json(report);
  EXPECT_THAT(report.ledger.notes.kept, Contains(HasSubstr("in flight")));
}

TEST_F(UnitVerify, SaysWhatItFoundAsJson) {
  pay(1);
  ledger.entries.clear();
  const auto json = boost::json::parse(to_json(verify())).as_object();
  EXPECT_FALSE(json.at("ok").as_bool());
  EXPECT_EQ(json.at("checks").as_array().size(), 7U);
  EXPECT_EQ(json.at("money").at(0).at("difference").as_int64(), 0);
}

}  // namespace
}  // namespace edda::maintenance
