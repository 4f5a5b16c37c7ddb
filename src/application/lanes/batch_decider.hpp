#pragma once

#include "lanes/batch.hpp"
#include "lanes/case_cache.hpp"

namespace edda::lanes {

/// Decides commands, each on its subject as it stands: as earlier turns of the same batch would leave it, else as the cache knows it, else
/// as the log tells.
///
/// The store checks what a turn rests on. An answer that stores nothing is checked by nobody: where others write it is given over what was
/// read anew, never over the cache alone.
///
/// Where it meets what only a newer release can have written, it decides nothing for that shard any more (R23).
/// Thread-safety: on the lane's executor.
class BatchDecider {
 public:
  BatchDecider(EventStore& store, Epochs& epochs, Clock& clock, Random& random, const LaneSettings& settings);

  /// Appends the decided command to the batch, and its turn if it has one.
  Task<void> decide(Pending pending, Batch& batch);

  /// What the subject is now, committed.
  void stands(const Uuid& subject, std::shared_ptr<const turn::OrderCase> state) { cache_.put(subject, std::move(state)); }
  /// What was known of the subject may be wrong.
  void forget(const Uuid& subject) { cache_.drop(subject); }
  /// An append of this lane may still be carried out behind its back: from here on it writes as others do.
  void lost_an_append() { cache_is_truth_ = false; }

 private:
  void forget_another_store();
  Task<Decided> decide_over(Pending pending, Batch& batch);
  Task<Result<std::shared_ptr<const turn::OrderCase>>> current(const TurnRequest& request, const Batch& batch);
  void add_turn(Decided& decided, const turn::OrderCase& before, Timestamp at, Batch& batch);

  EventStore& store_;
  Epochs& epochs_;
  Clock& clock_;
  Random& random_;
  const std::string node_;
  const std::uint16_t shards_;
  CaseCache cache_;
  bool cache_is_truth_;
  Uuid generation_;  ///< of the store that the cache is of
};

}  // namespace edda::lanes
