#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace edda::sim {

/// The kinds of trouble a run can meet. Each seed switches each on or off and draws its strength (swarm).
enum class Fault : std::uint8_t {
  store_unavailable,      ///< a request to the database is refused, nothing is done
  store_unheard,          ///< the database did it, the answer is lost
  store_lost,             ///< the request is lost, nothing is done, no answer comes
  store_slow,             ///< seconds instead of a millisecond
  store_failover,         ///< the database restarts on its standby; where the setting allows it, without its unsynced tail
  gateway_timeout,        ///< the gateway acts, its answer is lost
  gateway_lost,           ///< the request never reaches it
  gateway_error,          ///< it acts, or not, and answers a 5xx that it repeats under the key
  gateway_slow,           ///< it answers after the asker's deadline
  gateway_down,           ///< it refuses connections: surely not done
  gateway_forgets,        ///< keys older than the retention are gone
  gateway_void_ignored,   ///< it acts on a request that was stuck, although its key had been voided meanwhile
  gateway_not_found,      ///< a lookup that finds nothing, although the effect may come yet
  step_lost,              ///< the transport loses a send or its answer
  step_doubled,           ///< ... performs a send twice
  step_late,              ///< ... brings the answer after its deadline
  feed_unacknowledged,    ///< published, the acknowledgement is lost
  feed_down,              ///< nothing is published
  feed_doubled,           ///< published twice
  node_crash,
  node_pause,             ///< SIGSTOP, longer or shorter than the lease
  node_slow,
  clock_skew,             ///< a wall clock that is wrong, or runs fast or slow
  store_cut,              ///< one node cannot reach the database, others can
  ownership_cut,          ///< ... its heartbeats and take-overs do not get through, all else does
  gateway_cut,            ///< ... the gateway
  feed_cut,               ///< ... the broker
  steps_cut,              ///< ... those who perform its steps
  client_unheard,         ///< a client does not hear the answer and asks again
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::client_unheard) + 1;
std::string_view name_of(Fault fault);

/// Things that must happen sometimes, or the simulation does not look where it should: one that is 0 over a whole run of many seeds fails it.
enum class Sometimes : std::uint8_t {
  order_completed,
  order_declined,
  order_cancelled,
  compensation_run,            ///< a saga undid a step that took effect
  unknown_resolved,            ///< a step whose fate was unknown got an answer
  request_voided,
  late_success_refunded,
  parked,
  refund_partial,
  idempotent_replay,           ///< a client's key answered from the log
  duplicate_absorbed,          ///< an answer or a timer that came twice changed nothing
  own_turn_recognised,         ///< the store knew a turn that was sent again after a lost answer
  commit_unknown,              ///< a commit happened unheard
  version_conflict,            ///< two nodes decided over the same state
  claim_lost,                  ///< the filter granted everybody, the claim decided
  fence_refused,               ///< a stale owner was refused
  cursor_fenced,               ///< a stale publisher's cursor was refused
  take_over,                   ///< a shard changed its owner
  take_over_in_mid_step,       ///< ... while a step was under way
  take_over_lost,              ///< two nodes wanted a lapsed shard, one came too late
  pause_beyond_lease,
  lease_lapsed,                ///< a node gave up its shards because it was not heard in time
  failover,
  tail_dropped,                ///< a fail-over lost commits that had not reached the standby
  other_log_met,               ///< an owner saw by itself that the log is another since a fail-over, and began anew
  published_twice,
  gateway_answered_again,      ///< a key answered from the gateway's ledger
  key_expired,                 ///< a key was too old to be used: its step was parked
  reservation_declined,
  reservation_released,
  foreign_turn_tailed,         ///< an owner acted on a turn that another node had stored
  newer_release_met,           ///< an old node handed over a shard in which a newer one had written
  operator_retry,              ///< an operator's action was taken: one each, in the order of saga::OperatorAction
  operator_skip,
  operator_compensate,
  operator_cancel,
  operator_pause,
  operator_resume,
  operator_force_close,
  operator_state_outcome,
  approved,                    ///< what waited for an approval was answered
  disapproved,
};
inline constexpr std::size_t sometimes_count = static_cast<std::size_t>(Sometimes::disapproved) + 1;
std::string_view name_of(Sometimes what);

/// How often things happened. Added up over the seeds.
struct Counters {
  std::array<std::uint64_t, fault_count> faults{};
  std::array<std::uint64_t, sometimes_count> sometimes{};

  void saw(Sometimes what) { ++sometimes[static_cast<std::size_t>(what)]; }
  void add(const Counters& other);
  std::uint64_t faults_total() const;
};

}  // namespace edda::sim
