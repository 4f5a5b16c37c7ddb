#include "kernel/counters.hpp"

#include <numeric>

namespace edda::sim {
namespace {

constexpr std::array<std::string_view, fault_count> fault_names{
    "store_unavailable", "store_unheard", "store_lost",         "store_slow",        "store_failover", "gateway_timeout",
    "gateway_lost",      "gateway_error", "gateway_slow",       "gateway_down",      "gateway_forgets", "gateway_void_ignored", "gateway_not_found",
    "step_lost",         "step_doubled",  "step_late",          "feed_unacknowledged", "feed_down",    "feed_doubled",
    "node_crash",        "node_pause",    "node_slow",          "clock_skew",        "store_cut",      "ownership_cut",
    "gateway_cut",       "feed_cut",      "steps_cut",          "client_unheard"};

constexpr std::array<std::string_view, sometimes_count> sometimes_names{
    "order_completed",      "order_declined",   "order_cancelled",     "compensation_run",
    "unknown_resolved",     "request_voided",   "late_success_refunded", "parked",
    "refund_partial",       "idempotent_replay", "duplicate_absorbed",  "own_turn_recognised",
    "commit_unknown",       "version_conflict", "claim_lost",          "fence_refused",
    "cursor_fenced",        "take_over",        "take_over_in_mid_step", "take_over_lost",
    "pause_beyond_lease",   "lease_lapsed", "failover",         "tail_dropped",        "other_log_met",       "published_twice",
    "gateway_answered_again", "key_expired",  "reservation_declined", "reservation_released",
    "foreign_turn_tailed",  "newer_release_met", "operator_retry", "operator_skip",     "operator_compensate",
    "operator_cancel",      "operator_pause", "operator_resume",   "operator_force_close",
    "operator_state_outcome", "approved",     "disapproved"};

}  // namespace

std::string_view name_of(Fault fault) { return fault_names[static_cast<std::size_t>(fault)]; }
std::string_view name_of(Sometimes what) { return sometimes_names[static_cast<std::size_t>(what)]; }

void Counters::add(const Counters& other) {
  for (std::size_t i = 0; i < fault_count; ++i) faults[i] += other.faults[i];
  for (std::size_t i = 0; i < sometimes_count; ++i) sometimes[i] += other.sometimes[i];
}

std::uint64_t Counters::faults_total() const { return std::accumulate(faults.begin(), faults.end(), std::uint64_t{0}); }

}  // namespace edda::sim
