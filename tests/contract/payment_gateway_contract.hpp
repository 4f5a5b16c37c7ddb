#pragma once

#include <gtest/gtest.h>

#include <string>

#include "ports/payment_gateway.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::contract {

using testing_support::run_task;
using testing_support::some_deadline;

/// What every gateway promises. An adapter joins by a fixture with `PaymentGateway& gateway()`, which must let charges through.
template <class Fixture>
class ContractPaymentGateway : public Fixture {
 protected:
  GatewayAnswer charge(const std::string& key, std::int64_t minor) {
    return run_task(this->gateway().charge({key, Money{minor}, {"book"}}, some_deadline()));
  }
  GatewayAnswer refund(const std::string& key, const std::string& reference, std::int64_t minor) {
    return run_task(this->gateway().refund({key, reference, Money{minor}}, some_deadline()));
  }
  GatewayAnswer lookup(const std::string& key) { return run_task(this->gateway().lookup({key}, some_deadline())); }
  GatewayAnswer void_charge(const std::string& key, const std::string& charge_key) {
    return run_task(this->gateway().void_charge({key, charge_key}, some_deadline()));
  }
};

TYPED_TEST_SUITE_P(ContractPaymentGateway);

TYPED_TEST_P(ContractPaymentGateway, NamesWhatItCharged) {
  const auto answer = this->charge("s1/pay/forward", 1999);
  EXPECT_EQ(answer.outcome, saga::Outcome::succeeded);
  EXPECT_FALSE(answer.reference.empty());
}

TYPED_TEST_P(ContractPaymentGateway, AnswersARepeatedKeyAsBefore) {
  const auto first = this->charge("s1/pay/forward", 1999);
  const auto second = this->charge("s1/pay/forward", 1999);
  EXPECT_EQ(second.outcome, first.outcome);
  EXPECT_EQ(second.reference, first.reference);
}

TYPED_TEST_P(ContractPaymentGateway, GivesEachKeyItsOwnReference) {
  EXPECT_NE(this->charge("s1/pay/forward", 1999).reference, this->charge("s2/pay/forward", 1999).reference);
}

TYPED_TEST_P(ContractPaymentGateway, PaysBackUnderAKeyOfItsOwn) {
  const auto charged = this->charge("s1/pay/forward", 1999);
  const auto first = this->refund("s2/back/forward", charged.reference, 500);
  const auto second = this->refund("s2/back/forward", charged.reference, 500);
  EXPECT_EQ(first.outcome, saga::Outcome::succeeded);
  EXPECT_NE(first.reference, charged.reference);
  EXPECT_EQ(second.reference, first.reference);
}

TYPED_TEST_P(ContractPaymentGateway, VoidsWhatWasNeverCharged) {
  EXPECT_EQ(this->void_charge("s1/pay/void", "s1/pay/forward").outcome, saga::Outcome::succeeded);
  EXPECT_EQ(this->void_charge("s1/pay/void", "s1/pay/forward").outcome, saga::Outcome::succeeded);
}

TYPED_TEST_P(ContractPaymentGateway, FindsWhatStandsUnderAKey) {
  const auto charged = this->charge("s1/pay/forward", 1999);
  const auto found = this->lookup("s1/pay/forward");
  EXPECT_EQ(found.outcome, saga::Outcome::succeeded);
  EXPECT_EQ(found.reference, charged.reference);
  const auto refunded = this->refund("s2/back/forward", charged.reference, 500);
  EXPECT_EQ(this->lookup("s2/back/forward").reference, refunded.reference);
}

TYPED_TEST_P(ContractPaymentGateway, NothingUnderAKeyIsUnknownAndNeverFailed) {
  EXPECT_EQ(this->lookup("s1/pay/forward").outcome, saga::Outcome::unknown);
}

TYPED_TEST_P(ContractPaymentGateway, ALookupHasNoEffect) {
  this->lookup("s1/pay/forward");
  EXPECT_EQ(this->lookup("s1/pay/forward").outcome, saga::Outcome::unknown);
  EXPECT_EQ(this->charge("s1/pay/forward", 1999).outcome, saga::Outcome::succeeded);
}

REGISTER_TYPED_TEST_SUITE_P(ContractPaymentGateway, NamesWhatItCharged, AnswersARepeatedKeyAsBefore,
                            GivesEachKeyItsOwnReference, PaysBackUnderAKeyOfItsOwn, VoidsWhatWasNeverCharged,
                            FindsWhatStandsUnderAKey, NothingUnderAKeyIsUnknownAndNeverFailed, ALookupHasNoEffect);

}  // namespace edda::contract
