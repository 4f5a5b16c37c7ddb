#include "gateway/paysim_faults.hpp"

#include "gateway/verdict.hpp"

namespace edda::gateway {

SendFault fault_of_send(std::string_view key, int sends_before, const PaysimFaults& faults) {
  if (drawn("stored error", key, 0, faults.seed) < faults.stored_error_rate)
    return drawn("stored error acts", key, 0, faults.seed) < 0.5 ? SendFault::act_then_stored_error : SendFault::stored_error;
  double share = drawn("send", key, sends_before, faults.seed);
  const auto meets = [&share](double rate) {
    const bool met = share < rate;
    share -= rate;
    return met;
  };
  if (meets(faults.timeout_rate)) return SendFault::act_then_timeout;
  if (meets(faults.error_rate)) return SendFault::act_then_error;
  if (meets(faults.refuse_rate)) return SendFault::refuse;
  return SendFault::none;
}

WebhookPlan plan_of_webhook(std::string_view event_id, const WebhookFaults& faults) {
  WebhookPlan plan;
  if (drawn("late", event_id, 0, faults.seed) < faults.late_rate) {
    const double share = drawn("how late", event_id, 0, faults.seed);
    plan.delay = std::chrono::milliseconds(static_cast<std::int64_t>(share * static_cast<double>(faults.late_max.count())));
  }
  if (drawn("twice", event_id, 0, faults.seed) < faults.double_rate) plan.copies = 2;
  plan.after_the_next = drawn("out of order", event_id, 0, faults.seed) < faults.reorder_rate;
  return plan;
}

}  // namespace edda::gateway
