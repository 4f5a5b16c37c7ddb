#pragma once

/// EDDA_PLANTED(name) stands where the simulation can plant a bug, to prove that its checks would find one: `if (EDDA_PLANTED(x)) wrong`.
/// In every program but edda-sim it is the constant false, and nothing of it is left in the binary.
#ifdef EDDA_PLANTED_BUGS

namespace edda::planted {

/// Named and explained for people in sim/cluster/planted_bugs.cpp.
enum class Bug : int {
  none,
  cursor_past_unpublished,       ///< the cursor passes an event that was not published
  fresh_key_per_attempt,         ///< each attempt asks the gateway under a key of its own
  unknown_as_failed,             ///< no answer is taken for "surely not done"
  not_found_as_failed,           ///< a lookup that finds nothing is taken for "surely not done"
  late_success_dropped,          ///< money that came after all is not written down
  claim_kept_when_refused,       ///< a claim stays although its turn was refused
  key_kept_when_refused,         ///< a command key stays although its turn failed
  epoch_not_checked,             ///< a stale owner may write
  take_over_without_lock,        ///< sagas and position are read without the shard's row lock
  dependent_turn_passes,         ///< a turn passes although its predecessor in the batch failed
  timer_lost_at_take_over,       ///< a new owner forgets the pauses between tries
  compensation_forward,          ///< steps are undone in forward order
  compensates_what_never_was,    ///< a step that never took effect is undone
  refund_without_reservation,    ///< a refund is asked for without setting its amount aside
  release_forgets_key,           ///< a release does not record the reservation's key as spent
  folded_not_checked,            ///< a stream that was folded but not written is not checked
  own_turn_not_recognised,       ///< after a lost answer the own turn is taken for another's
  not_after_ignored,             ///< a key is used after the gateway may have forgotten it
  view_row_not_written,          ///< a read-model row is not written with its events
  feature_level_ignored,         ///< a node writes what the store's feature level does not allow
  later_events_not_refused,      ///< an old node decides over events that its release does not know
};

/// The one bug that is switched on in this process, which has one thread.
inline Bug active = Bug::none;

}  // namespace edda::planted

#define EDDA_PLANTED(name) (::edda::planted::active == ::edda::planted::Bug::name)
#else
#define EDDA_PLANTED(name) false
#endif
