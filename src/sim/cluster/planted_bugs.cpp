#include "cluster/planted_bugs.hpp"

#include <algorithm>
#include <array>

namespace edda::sim {
namespace {

using planted::Bug;

constexpr std::array bugs{
    PlantedBug{Bug::cursor_past_unpublished, "cursor_past_unpublished", "the cursor passes an event that was not published"},
    PlantedBug{Bug::fresh_key_per_attempt, "fresh_key_per_attempt", "each attempt asks the gateway under a key of its own"},
    PlantedBug{Bug::unknown_as_failed, "unknown_as_failed", "no answer is taken for surely not done"},
    PlantedBug{Bug::not_found_as_failed, "not_found_as_failed", "a lookup that finds nothing is taken for surely not done"},
    PlantedBug{Bug::late_success_dropped, "late_success_dropped", "money that came after all is not written down"},
    PlantedBug{Bug::claim_kept_when_refused, "claim_kept_when_refused", "a claim stays although its turn was refused"},
    PlantedBug{Bug::key_kept_when_refused, "key_kept_when_refused", "a command key stays although its turn failed"},
    PlantedBug{Bug::epoch_not_checked, "epoch_not_checked", "a stale owner may write"},
    PlantedBug{Bug::take_over_without_lock, "take_over_without_lock",
               "a take-over reads sagas and position without the lock of the shard's row"},
    PlantedBug{Bug::dependent_turn_passes, "dependent_turn_passes", "a turn passes although its predecessor in the batch failed"},
    PlantedBug{Bug::timer_lost_at_take_over, "timer_lost_at_take_over", "a new owner forgets the pauses between tries"},
    PlantedBug{Bug::compensation_forward, "compensation_forward", "steps are undone in forward order"},
    PlantedBug{Bug::compensates_what_never_was, "compensates_what_never_was", "a step that never took effect is undone"},
    PlantedBug{Bug::refund_without_reservation, "refund_without_reservation", "a refund is asked for without setting its amount aside"},
    PlantedBug{Bug::release_forgets_key, "release_forgets_key", "a release does not record the reservation's key as spent"},
    PlantedBug{Bug::folded_not_checked, "folded_not_checked", "a stream that was folded but not written is not checked"},
    PlantedBug{Bug::own_turn_not_recognised, "own_turn_not_recognised", "after a lost answer the own turn is taken for another's"},
    PlantedBug{Bug::not_after_ignored, "not_after_ignored", "a key is used after the gateway may have forgotten it"},
    PlantedBug{Bug::view_row_not_written, "view_row_not_written", "a read-model row is not written with its events"},
    PlantedBug{Bug::feature_level_ignored, "feature_level_ignored", "a node writes what the store's feature level does not allow"},
    PlantedBug{Bug::later_events_not_refused, "later_events_not_refused",
               "a node of an older release decides over events that it does not know"},
};

}  // namespace

std::span<const PlantedBug> planted_bugs() { return bugs; }

std::optional<PlantedBug> find_planted_bug(std::string_view name) {
  const auto* found = std::ranges::find(bugs, name, &PlantedBug::name);
  return found == bugs.end() ? std::nullopt : std::optional(*found);
}

}  // namespace edda::sim
