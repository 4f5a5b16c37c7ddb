#include "payment/payment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace edda::payment {
namespace {

const RequestPayment request{PaymentId{Uuid{{1}}}, OrderId{Uuid{{2}}}, UserId{Uuid{{3}}}, Money{1000}};
SagaId saga(std::uint8_t n) { return SagaId{Uuid{{9, n}}}; }

State given(const std::vector<Command>& commands) {
  State state;
  for (const auto& command : commands)
    for (const auto& event : decide(state, command).value()) state = evolve(std::move(state), event);
  return state;
}
Rejection refusal(const State& state, const Command& command) { return decide(state, command).error(); }

const RecordCapture capture{"ext_tx_1"};
const RecordFailure failure{"no"};

TEST(UnitPayment, IsRequestedOnce) {
  EXPECT_EQ(given({request}).status, PaymentStatus::processing);
  EXPECT_EQ(refusal(given({request}), request), Rejection::already_requested);
}

TEST(UnitPayment, MustBeRequestedFirst) {
  for (const Command& command : std::vector<Command>{capture, failure, ReserveRefund{saga(1), 1, ""}, RecordRefund{saga(1), ""},
                                                     DeclineRefund{saga(1), ""}})
    EXPECT_EQ(refusal(State{}, command), Rejection::not_found);
}

TEST(UnitPayment, IsCapturedOnceAndThenNeverFails) {
  const State captured = given({request, capture});
  EXPECT_EQ(captured.status, PaymentStatus::completed);
  EXPECT_EQ(refusal(captured, capture), Rejection::already_captured);
  EXPECT_EQ(refusal(captured, failure), Rejection::already_captured);
}

TEST(UnitPayment, TakesALateSuccessAfterItsFailure) {
  const State failed = given({request, failure});
  EXPECT_EQ(refusal(failed, failure), Rejection::already_failed);
  EXPECT_TRUE(std::get<PaymentProcessed>(decide(failed, capture).value().front()).late);
  EXPECT_EQ(given({request, failure, capture}).status, PaymentStatus::completed);
}

TEST(UnitPayment, RefundsNothingThatWasNotCaptured) {
  EXPECT_EQ(refusal(given({request}), ReserveRefund{saga(1), 1, ""}), Rejection::not_captured);
  EXPECT_EQ(refusal(given({request, failure}), ReserveRefund{saga(1), 1, ""}), Rejection::not_captured);
}

TEST(UnitPayment, SetsMoneyAsideForEachRefund) {
  const State state = given({request, capture, ReserveRefund{saga(1), 700, ""}});
  EXPECT_EQ(state.refundable_minor(), 300);
  EXPECT_EQ(refusal(state, ReserveRefund{saga(2), 301, ""}), Rejection::exceeds_refundable);
  EXPECT_EQ(refusal(state, ReserveRefund{saga(1), 1, ""}), Rejection::already_reserved);
  EXPECT_EQ(refusal(state, RecordRefund{saga(2), ""}), Rejection::no_such_refund);
}

TEST(UnitPayment, IsRefundedWhenAllOfItWentBack) {
  const State partly = given({request, capture, ReserveRefund{saga(1), 700, ""}, RecordRefund{saga(1), "r"}});
  EXPECT_EQ(partly.status, PaymentStatus::completed);
  EXPECT_EQ(partly.refunded_minor(), 700);
  const State wholly = given({request, capture, ReserveRefund{saga(1), 0, ""}, RecordRefund{saga(1), "r"}});
  EXPECT_EQ(wholly.status, PaymentStatus::refunded);
  EXPECT_EQ(refusal(wholly, ReserveRefund{saga(2), 0, ""}), Rejection::nothing_to_refund);
}

TEST(UnitPayment, GetsADeclinedRefundBack) {
  const State state = given({request, capture, ReserveRefund{saga(1), 700, ""}, DeclineRefund{saga(1), "no"}});
  EXPECT_EQ(state.refundable_minor(), 1000);
  EXPECT_EQ(refusal(state, DeclineRefund{saga(1), "no"}), Rejection::no_such_refund);
}

TEST(UnitPayment, TakesALateRefundForAFactUnlessItsMoneyWentBackMeanwhile) {
  const auto declined = {Command(request), Command(capture), Command(ReserveRefund{saga(1), 700, ""}), Command(DeclineRefund{saga(1), "no"})};
  std::vector<Command> late(declined);
  late.push_back(RecordRefund{saga(1), "r"});
  EXPECT_EQ(given(late).refunded_minor(), 700);
  EXPECT_EQ(refusal(given(late), RecordRefund{saga(1), "r"}), Rejection::no_such_refund);
  std::vector<Command> spent(declined);
  spent.push_back(ReserveRefund{saga(2), 301, ""});
  EXPECT_EQ(refusal(given(spent), RecordRefund{saga(1), "r"}), Rejection::exceeds_refundable);
}

TEST(UnitPayment, EveryRefusalHasAName) {
  const std::vector<std::string_view> names{"already_requested",  "not_found",         "already_captured",
                                            "already_failed",     "not_captured",      "exceeds_refundable",
                                            "nothing_to_refund",  "already_reserved",  "no_such_refund"};
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(to_string(static_cast<Rejection>(i)), names[i]);
}

Command any_command() {
  const SagaId id = saga(*rc::gen::inRange<std::uint8_t>(0, 4));
  switch (*rc::gen::inRange(0, 6)) {
    case 0: return request;
    case 1: return capture;
    case 2: return failure;
    case 3: return ReserveRefund{id, *rc::gen::inRange<std::int64_t>(0, 1500), "r"};
    case 4: return RecordRefund{id, "ext_tx_2"};
    default: return DeclineRefund{id, "no"};
  }
}

RC_GTEST_PROP(UnitPaymentProperty, NeverPaysBackMoreThanItTook, ()) {
  State state;
  for (int i = 0; i < 30; ++i) {
    const auto decided = decide(state, any_command());
    if (!decided) continue;
    for (const auto& event : *decided) {
      const auto decoded = decode(type_name(event), encode(event));
      RC_ASSERT(decoded.has_value());
      RC_ASSERT(encode(*decoded) == encode(event));
      const auto before = state.version.value;
      state = evolve(std::move(state), *decoded);
      RC_ASSERT(state.version.value == before + 1);
    }
    RC_ASSERT(state.refunded_minor() <= (state.captured() ? state.amount.minor : 0));
    RC_ASSERT(state.refundable_minor() >= 0);
    RC_ASSERT((state.status == PaymentStatus::refunded) ==
              (state.captured() && state.refunded_minor() == state.amount.minor));
  }
}

}  // namespace
}  // namespace edda::payment
