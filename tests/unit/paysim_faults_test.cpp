#include "gateway/paysim_faults.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace edda::gateway {
namespace {

std::map<SendFault, int> count(const PaysimFaults& faults, int keys) {
  std::map<SendFault, int> counted;
  for (int i = 0; i < keys; ++i) ++counted[fault_of_send("key-" + std::to_string(i), 0, faults)];
  return counted;
}

TEST(UnitPaysimFaults, KeepTheirRates) {
  auto counted = count({.timeout_rate = 0.1, .error_rate = 0.2, .refuse_rate = 0.3}, 10'000);
  EXPECT_NEAR(counted[SendFault::act_then_timeout], 1'000, 150);
  EXPECT_NEAR(counted[SendFault::act_then_error], 2'000, 200);
  EXPECT_NEAR(counted[SendFault::refuse], 3'000, 200);
  EXPECT_EQ(counted[SendFault::stored_error], 0);
}

TEST(UnitPaysimFaults, WithoutRatesThereAreNone) { EXPECT_EQ(count({}, 1'000)[SendFault::none], 1'000); }

TEST(UnitPaysimFaults, AreTheSameForTheSameSeedAndOthersForAnother) {
  int same = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::string key = "key-" + std::to_string(i);
    const auto fault = fault_of_send(key, 0, {.error_rate = 0.5, .seed = 1});
    EXPECT_EQ(fault, fault_of_send(key, 0, {.error_rate = 0.5, .seed = 1}));
    same += fault == fault_of_send(key, 0, {.error_rate = 0.5, .seed = 2}) ? 1 : 0;
  }
  EXPECT_NEAR(same, 500, 100);
}

TEST(UnitPaysimFaults, AStoredErrorStaysForEverySendOfItsKey) {
  const PaysimFaults faults{.stored_error_rate = 0.5};
  for (int i = 0; i < 100; ++i) {
    const std::string key = "key-" + std::to_string(i);
    for (int send = 1; send < 5; ++send) EXPECT_EQ(fault_of_send(key, send, faults), fault_of_send(key, 0, faults));
  }
}

TEST(UnitPaysimFaults, OfASendsFaultNothingFollowsForTheNext) {
  const PaysimFaults faults{.error_rate = 0.5};
  int answered_in_the_end = 0;
  for (int i = 0; i < 100; ++i)
    for (int send = 0; send < 20; ++send)
      if (fault_of_send("key-" + std::to_string(i), send, faults) == SendFault::none) {
        ++answered_in_the_end;
        break;
      }
  EXPECT_EQ(answered_in_the_end, 100);
}

TEST(UnitPaysimFaults, PlanWebhooks) {
  const WebhookFaults faults{.late_rate = 0.5, .late_max = std::chrono::milliseconds(100), .double_rate = 0.25, .reorder_rate = 0.1};
  int late = 0;
  int twice = 0;
  int later = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto plan = plan_of_webhook("evt_" + std::to_string(i), faults);
    late += plan.delay.count() > 0 ? 1 : 0;
    twice += plan.copies == 2 ? 1 : 0;
    later += plan.after_the_next ? 1 : 0;
    EXPECT_LE(plan.delay, faults.late_max);
  }
  EXPECT_NEAR(late, 5'000, 300);
  EXPECT_NEAR(twice, 2'500, 200);
  EXPECT_NEAR(later, 1'000, 150);
  EXPECT_EQ(plan_of_webhook("evt_1", {}).copies, 1);
}

}  // namespace
}  // namespace edda::gateway
