#include "gateway/simulator.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::gateway {
namespace {

using saga::Outcome;
using testing_support::ManualClock;
using testing_support::run_task;
using testing_support::some_deadline;

/// Time passes only by sleeping, at once.
class JumpingClock final : public Clock {
 public:
  Timestamp now() override { return {}; }
  SteadyTime steady_now() override { return now_; }
  Task<void> sleep_until(SteadyTime at) override {
    now_ = std::max(now_, at);
    ++sleeps;
    co_return;
  }
  int sleeps = 0;

 private:
  SteadyTime now_ = SteadyTime(std::chrono::hours(1));
};

SimulatorSettings at_once(double success_rate = 1) {
  return {.success_rate = success_rate, .latency_min = milliseconds(0), .latency_max = milliseconds(0)};
}

/// A gateway over a ledger file; a new one over the same file is a restart.
class Gateway {
 public:
  explicit Gateway(const std::filesystem::path& path, SimulatorSettings settings = at_once())
      : ledger_(Ledger::open({.path = path}).value()), simulator_(clock_, *ledger_, settings) {}

  GatewayAnswer charge(const std::string& key, std::int64_t minor = 1000, std::vector<std::string> products = {"book"}) {
    return run_task(simulator_.charge({key, Money{minor}, std::move(products)}, some_deadline()));
  }
  GatewayAnswer refund(const std::string& key, const std::string& charge, std::int64_t minor, Currency currency = {}) {
    return run_task(simulator_.refund({key, charge, Money{minor, currency}}, some_deadline()));
  }
  GatewayAnswer void_charge(const std::string& key, const std::string& charge_key) {
    return run_task(simulator_.void_charge({key, charge_key}, some_deadline()));
  }
  Ledger& ledger() { return *ledger_; }
  JumpingClock& clock() { return clock_; }

 private:
  JumpingClock clock_;
  std::unique_ptr<Ledger> ledger_;
  PaymentSimulator simulator_;
};

class UnitPaymentSimulator : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "ledger"; }
  test::TemporaryFolder folder_;
};

TEST_F(UnitPaymentSimulator, NamesItsEffectsLikeTheReplacedSystem) {
  const auto reference = Gateway(path()).charge("s/pay/forward").reference;
  ASSERT_EQ(reference.substr(0, 7), "ext_tx_");
  EXPECT_EQ(reference[7 + 14], '4');
  EXPECT_TRUE(parse_uuid(reference.substr(7)).has_value());
}

TEST_F(UnitPaymentSimulator, DeclinesTheFailingProductWhateverTheRate) {
  const auto answer = Gateway(path()).charge("s/pay/forward", 1000, {"book", "PAYMENT_FAIL_1"});
  EXPECT_EQ(answer.outcome, Outcome::declined);
  EXPECT_EQ(answer.reason, "Insufficient funds or card declined");
}

TEST_F(UnitPaymentSimulator, ChargesAKeyOnce) {
  Gateway gateway(path());
  gateway.charge("s/pay/forward");
  gateway.charge("s/pay/forward");
  EXPECT_EQ(gateway.ledger().entries(), 1);
}

TEST_F(UnitPaymentSimulator, KeepsItsAnswersOverARestartWithOtherSettings) {
  const auto charged = Gateway(path(), at_once(1)).charge("paid");
  Gateway(path(), at_once(0)).charge("refused");
  EXPECT_EQ(Gateway(path(), at_once(0)).charge("paid").reference, charged.reference);
  EXPECT_EQ(Gateway(path(), at_once(1)).charge("refused").outcome, Outcome::declined);
}

TEST_F(UnitPaymentSimulator, RefundsInPartsUpToWhatWasCharged) {
  Gateway gateway(path());
  const auto reference = gateway.charge("paid", 1000).reference;
  EXPECT_EQ(gateway.refund("r1", reference, 600).outcome, Outcome::succeeded);
  EXPECT_EQ(gateway.refund("r2", reference, 401).outcome, Outcome::declined);
  EXPECT_EQ(gateway.refund("r3", reference, 400).outcome, Outcome::succeeded);
  EXPECT_EQ(gateway.refund("r4", reference, 1).outcome, Outcome::declined);
}

TEST_F(UnitPaymentSimulator, RemembersRefundsOverARestart) {
  const auto reference = Gateway(path()).charge("paid", 1000).reference;
  Gateway(path()).refund("r1", reference, 300);
  Gateway(path()).refund("r2", reference, 300);
  Gateway gateway(path());
  EXPECT_EQ(gateway.refund("r3", reference, 401).outcome, Outcome::declined);
  EXPECT_EQ(gateway.refund("r1", reference, 300).outcome, Outcome::succeeded);
  EXPECT_EQ(gateway.refund("r4", reference, 400).outcome, Outcome::succeeded);
  EXPECT_EQ(gateway.ledger().entries(), 5);
}

TEST_F(UnitPaymentSimulator, DeclinesRefundsOfNothing) {
  Gateway gateway(path());
  const auto reference = gateway.charge("paid", 1000).reference;
  const auto refused = gateway.charge("refused", 1000, {"PAYMENT_FAIL"});
  EXPECT_EQ(gateway.refund("r1", "ext_tx_unknown", 1).outcome, Outcome::declined);
  EXPECT_EQ(gateway.refund("r2", reference_of(effect_id("refused")), 1).outcome, Outcome::declined);
  EXPECT_EQ(gateway.refund("r3", reference, 0).outcome, Outcome::declined);
  EXPECT_EQ(gateway.refund("r4", reference, 1, *parse_currency("EUR")).outcome, Outcome::declined);
}

TEST_F(UnitPaymentSimulator, NeverChargesAVoidedKey) {
  EXPECT_EQ(Gateway(path()).void_charge("v", "c").outcome, Outcome::succeeded);
  Gateway gateway(path());
  EXPECT_EQ(gateway.charge("c").outcome, Outcome::declined);
  EXPECT_EQ(gateway.charge("c").reason, "The charge was voided");
  EXPECT_EQ(gateway.ledger().entries(), 1);
}

TEST_F(UnitPaymentSimulator, NamesTheChargeThatCameBeforeTheVoid) {
  Gateway gateway(path());
  const auto charged = gateway.charge("c");
  const auto voided = gateway.void_charge("v", "c");
  EXPECT_EQ(voided.outcome, Outcome::declined);
  EXPECT_EQ(voided.reference, charged.reference);
  EXPECT_EQ(gateway.charge("c").outcome, Outcome::succeeded);
}

TEST_F(UnitPaymentSimulator, VoidsADeclinedCharge) {
  Gateway gateway(path());
  gateway.charge("c", 1000, {"PAYMENT_FAIL"});
  EXPECT_EQ(gateway.void_charge("v", "c").outcome, Outcome::succeeded);
  EXPECT_EQ(gateway.charge("c").reason, "Insufficient funds or card declined");
}

TEST_F(UnitPaymentSimulator, RefusesAKeyOfAnotherKindOfRequest) {
  Gateway gateway(path());
  const auto reference = gateway.charge("c").reference;
  EXPECT_EQ(gateway.refund("c", reference, 1).outcome, Outcome::declined);
  EXPECT_EQ(gateway.void_charge("c", "other").outcome, Outcome::declined);
  EXPECT_EQ(gateway.ledger().entries(), 1);
}

TEST_F(UnitPaymentSimulator, DeclinesKeysThatNoLineHolds) {
  Gateway gateway(path());
  for (const std::string& key : {std::string(), std::string("a b"), std::string("a\n"), std::string(86, 'k')})
    EXPECT_EQ(gateway.charge(key).outcome, Outcome::declined) << key;
  EXPECT_EQ(gateway.charge(std::string(85, 'k')).outcome, Outcome::succeeded);
  EXPECT_EQ(gateway.ledger().entries(), 1);
}

TEST_F(UnitPaymentSimulator, AnswersWithoutATimerWhenThereIsNoLatency) {
  Gateway gateway(path());
  gateway.charge("c");
  EXPECT_EQ(gateway.clock().sleeps, 0);
}

TEST_F(UnitPaymentSimulator, ActsButDoesNotAnswerInTimeWhenTheLatencyPassesTheDeadline) {
  ManualClock clock;
  const auto ledger = Ledger::open({.path = path()}).value();
  PaymentSimulator simulator(clock, *ledger,
                             {.success_rate = 1, .latency_min = milliseconds(100), .latency_max = milliseconds(100)});
  const Deadline deadline = clock.deadline_in(milliseconds(99));
  const auto answer = run_task(simulator.charge({"c", Money{1}, {}}, deadline));
  EXPECT_EQ(answer.outcome, Outcome::unknown);
  EXPECT_EQ(ledger->entries(), 1);
}

TEST_F(UnitPaymentSimulator, DealsFaultsThatEndAndLeaveOneEffect) {
  auto settings = at_once();
  settings.failed_rate = 0.4;
  settings.unknown_rate = 0.4;
  Gateway gateway(path(), settings);
  std::set<Outcome> seen;
  for (int i = 0; i < 50; ++i) {
    Outcome outcome = Outcome::unknown;
    while (outcome != Outcome::succeeded) {
      outcome = gateway.charge(fmt::format("s{}/pay/forward", i)).outcome;
      seen.insert(outcome);
    }
    EXPECT_EQ(gateway.charge(fmt::format("s{}/pay/forward", i)).outcome, Outcome::succeeded);
  }
  EXPECT_EQ(gateway.ledger().entries(), 50);
  EXPECT_EQ(seen, (std::set<Outcome>{Outcome::succeeded, Outcome::failed, Outcome::unknown}));
}

TEST_F(UnitPaymentSimulator, ASendThatFailedDidNothing) {
  auto settings = at_once();
  settings.failed_rate = 1;
  Gateway gateway(path(), settings);
  EXPECT_EQ(gateway.charge("c").outcome, Outcome::failed);
  EXPECT_EQ(gateway.ledger().entries(), 0);
}

RC_GTEST_PROP(UnitPaymentVerdict, DependsOnRequestAndSettingsAlone, (const std::string& key, std::uint32_t minor)) {
  const double rate = *rc::gen::map(rc::gen::inRange(0, 101), [](int percent) { return percent / 100.0; });
  const ChargeRequest request{key, Money{minor}, *rc::gen::arbitrary<std::vector<std::string>>()};
  RC_ASSERT(decline_charge(request, rate) == decline_charge(ChargeRequest(request), rate));
  // A charge that goes through at some rate goes through at every higher one.
  if (!decline_charge(request, rate)) RC_ASSERT(!decline_charge(request, std::min(1.0, rate + 0.1)));
}

TEST(UnitPaymentVerdict, DeclinesTheShareThatWasAskedFor) {
  int paid = 0;
  for (int i = 0; i < 10'000; ++i)
    if (!decline_charge({fmt::format("{}/payment_processing/forward", i), Money{1999}, {"book"}}, 0.8)) ++paid;
  // Ten thousand draws at 0.8 have a standard deviation of 40. The keys are fixed, so the count is too.
  EXPECT_NEAR(paid, 8000, 160);
}

RC_GTEST_PROP(UnitPaymentVerdict, LatencyStaysWithinItsBounds, (const std::string& key)) {
  const auto shortest = *rc::gen::inRange(0, 1000);
  const auto longest = shortest + *rc::gen::inRange(1, 1000);
  const SimulatorSettings settings{.latency_min = milliseconds(shortest), .latency_max = milliseconds(longest)};
  const auto latency = latency_of(key, 0, settings);
  const auto whole = latency.before_effect + latency.after_effect;
  RC_ASSERT(whole >= milliseconds(shortest));
  RC_ASSERT(whole <= milliseconds(longest));
  RC_ASSERT(latency.before_effect.count() >= 0);
  RC_ASSERT(latency.after_effect.count() >= 0);
}

}  // namespace
}  // namespace edda::gateway
