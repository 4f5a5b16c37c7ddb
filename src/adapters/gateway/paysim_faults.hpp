#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

/// What `edda paysim` does wrong on purpose. Pure functions of seed, key and count, so that a run can be repeated.
namespace edda::gateway {

struct PaysimFaults {
  // Shares of sends.
  double timeout_rate = 0;  ///< acts, and does not answer
  double error_rate = 0;    ///< acts, and answers 500
  double refuse_rate = 0;   ///< does nothing, answers 503 and says that nothing was done

  double stored_error_rate = 0;  ///< share of keys: each of their sends gets the very same 500, for ever; every other such key acts
  std::uint64_t seed = 0;
};

enum class SendFault { none, act_then_timeout, act_then_error, refuse, stored_error, act_then_stored_error };
/// What befalls the send under `key` that comes after `sends_before` others.
SendFault fault_of_send(std::string_view key, int sends_before, const PaysimFaults& faults);

struct WebhookFaults {
  double late_rate = 0;                    ///< share of webhooks that wait up to `late_max`
  std::chrono::milliseconds late_max{10'000};
  double double_rate = 0;                  ///< share that is sent twice
  double reorder_rate = 0;                 ///< share that is held back until a later one was sent
  std::uint64_t seed = 0;
};

struct WebhookPlan {
  std::chrono::milliseconds delay{0};
  int copies = 1;
  bool after_the_next = false;
};
WebhookPlan plan_of_webhook(std::string_view event_id, const WebhookFaults& faults);

}  // namespace edda::gateway
