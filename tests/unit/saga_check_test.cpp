#include "maintenance/saga_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "memory/event_store.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "turn/stored_turn.hpp"

namespace edda::maintenance {
namespace {

using testing::HasSubstr;
using testing_support::run_task;
using testing_support::some_deadline;

class UnitSagaCheck : public testing::Test {
 protected:
  using Tamper = std::function<void(turn::Encoded&)>;

  static Uuid id(int order, std::uint8_t kind) {
    return make_uuid_v7(testing_support::ManualClock::start, {kind, static_cast<std::uint8_t>(order)}, 0);
  }

  /// A new order, stored as `tamper` changes it.
  void place(int n, const Tamper& tamper = {}) {
    const order::Item item{"book", "Book", order::Quantity::whole(1), Money{100}};
    const turn::PlaceOrder command{{OrderId{id(n, 1)}, UserId{id(0, 4)}, {item}, Money{100}, "Seoul", PaymentId{id(n, 2)}, SagaId{id(n, 3)}}};
    const auto decision = turn::decide({}, command, {clock.now(), 0, SagaId{id(n, 7)}, Epoch{1}}).value();
    auto encoded = turn::encode(decision);
    if (tamper) tamper(encoded);
    Turn turn;
    turn.id = TurnId{id(n, 8)};
    turn.correlation = OrderId{id(n, 1)};
    turn.node = "n1";
    turn.proposed_at = clock.now();
    for (std::uint8_t kind = 1; kind <= 3; ++kind) turn.expected.push_back({StreamId{id(n, kind)}, StreamVersion{0}});
    turn.events = std::move(encoded.events);
    turn.orders = std::move(encoded.orders);
    turn.payments = std::move(encoded.payments);
    turn.sagas = std::move(encoded.sagas);
    const auto outcomes = run_task(store.append({turn}, some_deadline())).value();
    ASSERT_TRUE(std::holds_alternative<Appended>(outcomes.front()));
  }

  SagaCheckReport check() {
    return run_task(check_sagas(store, store, clock, [this](std::int64_t done) { told = done; }, some_deadline())).value();
  }

  static void replace(std::string& text, std::string_view from, std::string_view to) {
    const auto found = text.find(from);
    ASSERT_NE(found, std::string::npos) << text;
    text.replace(found, from.size(), to);
  }

  memory::MemoryEventStore store;
  testing_support::ManualClock clock;
  std::int64_t told = 0;
};

TEST_F(UnitSagaCheck, SagasOfThisReleaseAreFine) {
  place(1);
  place(2);
  const auto report = check();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.checked, 2);
  EXPECT_EQ(told, 2);
}

TEST_F(UnitSagaCheck, NamesWhatItCouldNotCarryOn) {
  place(1);
  place(2, [](turn::Encoded& encoded) {  // a later release's definition
    encoded.sagas.at(0).definition_version = 9;
    for (auto& event : encoded.events)
      if (event.type == "SagaStarted") replace(event.data, R"("definitionVersion":2)", R"("definitionVersion":9)");
  });
  place(3, [](turn::Encoded& encoded) {  // a later release's event
    encoded.events.back().type = "SagaStepDelegated";
  });
  const auto report = check();
  EXPECT_EQ(report.checked, 3);
  ASSERT_EQ(report.lost_total, 2);
  std::map<SagaId, std::string> reasons;
  for (const auto& lost : report.lost) reasons[lost.id] = lost.reason;
  EXPECT_THAT(reasons[SagaId{id(2, 3)}], HasSubstr("OrderProcessingSaga version 9"));
  EXPECT_THAT(reasons[SagaId{id(3, 3)}], HasSubstr("SagaStepDelegated"));
  EXPECT_THAT(to_json(report, "1.2.3"), HasSubstr(R"("ok":false,"version":"1.2.3","checked":3,"lost_total":2)"));
}

}  // namespace
}  // namespace edda::maintenance
