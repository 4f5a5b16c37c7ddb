#pragma once

#include <atomic>

#include "lanes/batch_decider.hpp"

namespace edda::lanes {

/// Decides the commands of a batch, appends their turns in one transaction, and finds out what each caller is to be told.
/// Thread-safety: `add_to` from any thread; everything else on the lane's executor.
class BatchRunner {
 public:
  BatchRunner(EventStore& store, Epochs& epochs, Clock& clock, Random& random, const LaneSettings& settings,
              CommitListener on_commit);

  struct Outcome {
    std::vector<Answered> answered;
    std::vector<Pending> again;  ///< to be decided anew, over what is stored now
  };
  Task<Outcome> run(std::vector<Pending> commands);

  /// Adds what was counted since the start.
  void add_to(LaneStats& stats) const;

 private:
  Task<Result<std::vector<TurnOutcome>>> append(const Batch& batch);
  Task<Result<std::vector<TurnOutcome>>> append_until_known(const Batch& batch);
  Outcome give_up(Batch batch, const Error& error);
  void announce(const Batch& batch, const std::vector<TurnOutcome>& outcomes);
  void trace(const Batch& batch, const std::vector<TurnOutcome>& outcomes, SteadyTime append_began);
  Task<Outcome> answer_all(Batch batch, std::vector<TurnOutcome> outcomes);
  Task<TurnAnswer> stored_answer_or(TurnAnswer answer, const TurnRequest& request);
  void count(const TurnOutcome& outcome);

  EventStore& store_;
  Clock& clock_;
  const CommitListener on_commit_;
  const LaneMeters meters_;
  tracing::Tracer* const tracer_;
  BatchDecider decider_;
  std::atomic<std::uint64_t> turns_{0}, batches_{0}, conflicts_{0}, duplicates_{0}, claimed_{0}, fenced_{0}, rejections_{0},
      append_failed_{0}, append_unknown_{0};
};

}  // namespace edda::lanes
