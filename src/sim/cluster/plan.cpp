#include "cluster/plan.hpp"

#include <algorithm>
#include <array>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;

/// A fault that strikes on occasions, and how often at most, in permille of them.
struct Strength {
  Fault fault;
  int most;
};
constexpr std::array strengths{
    Strength{Fault::store_unavailable, 40}, Strength{Fault::store_unheard, 60},   Strength{Fault::store_lost, 20},
    Strength{Fault::store_slow, 15},        Strength{Fault::gateway_timeout, 250}, Strength{Fault::gateway_lost, 200},
    Strength{Fault::gateway_error, 150},    Strength{Fault::gateway_slow, 150},   Strength{Fault::gateway_void_ignored, 900},
    Strength{Fault::gateway_not_found, 300},
    Strength{Fault::step_lost, 150},        Strength{Fault::step_doubled, 200},   Strength{Fault::step_late, 400},
    Strength{Fault::feed_unacknowledged, 200}, Strength{Fault::feed_doubled, 200}, Strength{Fault::client_unheard, 150},
};

/// 0 in most runs, else up to `most`.
int some(Draws& draws, int one_in, int most) {
  if (draws.below(Stream::faults, static_cast<std::uint64_t>(one_in)) != static_cast<std::uint32_t>(one_in) - 1) return 0;
  return 1 + static_cast<int>(draws.below(Stream::faults, static_cast<std::uint64_t>(most)));
}

void draw_strengths(Kernel& kernel) {
  for (const auto& [fault, most] : strengths) {
    // Two in five are off.
    const bool on = kernel.draws.below(Stream::faults, 5) >= 2;
    const auto drawn = kernel.draws.below(Stream::faults, static_cast<std::uint64_t>(most));
    kernel.set_strength(fault, on ? 1 + static_cast<int>(drawn) : 0);
  }
}

void draw_size(Draws& draws, Plan& plan) {
  plan.clients = 4 + static_cast<int>(draws.below(Stream::workload, 5));
  plan.orders_per_client = 12 + static_cast<int>(draws.below(Stream::workload, 13));
  plan.think_time = 100ms + draws.delay(Stream::workload, 0ms, 5s);
  plan.orders_after = static_cast<int>(draws.below(Stream::workload, 6));
  // A slow disk: the longer an order is being stored, the sooner does a take-over meet it.
  if (draws.below(Stream::workload, 3) == 2) plan.store.commit_max = 40ms;
  plan.safety = 20s + draws.delay(Stream::workload, 0s, 90s);
  constexpr std::array<std::uint16_t, 4> shard_counts{1, 4, 8, 16};
  plan.store.shards = shard_counts[draws.below(Stream::workload, shard_counts.size())];
}

void draw_troubles(Draws& draws, Plan& plan) {
  plan.store.standby_may_lag = draws.below(Stream::faults, 12) == 11;
  if (draws.below(Stream::faults, 4) == 3) plan.gateway.refund_declined_permille = 100;
  plan.crashes = some(draws, 2, 6);
  plan.pauses = some(draws, 2, 4);
  plan.slowings = some(draws, 4, 2);
  plan.store_restarts = some(draws, 3, 3);
  if (plan.store.standby_may_lag) plan.store_restarts += 2;
  plan.gateway_outages = some(draws, 3, 2);
  plan.feed_outages = some(draws, 3, 2);
  plan.blackouts = some(draws, 8, 1);
  plan.cuts = some(draws, 2, 6);
  plan.webhooks = draws.below(Stream::faults, 3) == 2;
  plan.skewed_clocks = draws.below(Stream::faults, 3) == 2;
  // A run without any trouble shows nothing.
  if (plan.crashes + plan.pauses == 0) plan.crashes = 1;
}

/// A rush while the shards get their first owners, who then stay: what a take-over overlooks is found by the next one.
void draw_rush(Draws& draws, Plan& plan) {
  if (draws.below(Stream::workload, 3) < 2) return;
  plan.think_time = 20ms;
  plan.crashes = plan.pauses = plan.cuts = plan.store_restarts = 0;
}

void draw_wishes(Draws& draws, Plan& plan) {
  plan.claims_permille = static_cast<int>(draws.below(Stream::workload, 4)) * 100;
  plan.cancels_permille = static_cast<int>(draws.below(Stream::workload, 5)) * 80;
  plan.refunds_permille = static_cast<int>(draws.below(Stream::workload, 5)) * 60;
  plan.tracked_products = static_cast<int>(draws.below(Stream::workload, 3));
}

/// Only a reservation that arrives after its release shows what becomes of its key. It takes a send that is late, an order that is not
/// wanted any more, and stock that is not used up.
void draw_late_reservations(Kernel& kernel, Plan& plan) {
  if (kernel.draws.below(Stream::workload, 4) < 3) return;
  kernel.set_strength(Fault::step_late, std::max(kernel.strength(Fault::step_late), 400));
  plan.cancels_permille = std::max(plan.cancels_permille, 400);
  plan.tracked_products = std::max(plan.tracked_products, 1);
  plan.on_hand_least = 200;
}

void draw_old_nodes(Draws& draws, Plan& plan) {
  if (draws.below(Stream::nodes, 4) < 3) return;
  plan.old_nodes = 1 + static_cast<int>(draws.below(Stream::nodes, static_cast<std::uint64_t>(plan.nodes)));
  plan.store.feature_level = 1;
}

void draw_operator(Draws& draws, Plan& plan) {
  plan.operator_acts = draws.below(Stream::workload, 2) == 1;
  if (draws.below(Stream::workload, 3) == 2) plan.approval_above = 12'000;
}

/// Only where the gateway tells what it did can a charge come to light that took effect after its key had been voided. It takes a request
/// that is stuck, and an order that is not wanted any more.
void sharpen_webhooks(Kernel& kernel, Plan& plan) {
  kernel.set_strength(Fault::gateway_slow, std::max(kernel.strength(Fault::gateway_slow), 250));
  kernel.set_strength(Fault::gateway_void_ignored, 900);
  plan.cancels_permille = std::max(plan.cancels_permille, 300);
}

}  // namespace

Plan draw_plan(Kernel& kernel, const RunOptions& options) {
  Draws& draws = kernel.draws;
  Plan plan;
  plan.nodes = options.nodes;
  draw_strengths(kernel);
  kernel.set_strength(Fault::gateway_forgets, 1000);
  draw_size(draws, plan);
  draw_troubles(draws, plan);
  draw_rush(draws, plan);
  draw_wishes(draws, plan);
  draw_late_reservations(kernel, plan);
  draw_old_nodes(draws, plan);
  draw_operator(draws, plan);
  if (plan.webhooks) sharpen_webhooks(kernel, plan);
  return plan;
}

}  // namespace edda::sim
