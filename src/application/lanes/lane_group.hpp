#pragma once

#include <memory>
#include <vector>

#include "lanes/lane.hpp"

namespace edda::lanes {

/// Lanes side by side, each with its part of the shards, so that while one waits for its commit the others decide. All commands on an
/// order or a product meet in the same one.
/// Thread-safety: as a lane's. All lanes may share an executor.
class LaneGroup final : public Turns {
 public:
  /// `count`: at least 1; no more than the store has shards are made.
  LaneGroup(std::size_t count, const boost::asio::any_io_executor& executor, EventStore& store, Epochs& epochs,
            Clock& clock, Random& random, const LaneSettings& settings, const CommitListener& on_commit);

  Task<TurnAnswer> submit(TurnRequest request, Deadline deadline) override;

  /// Refuses new commands and waits until all that wait are answered.
  Task<void> stop();

  /// Of all together.
  LaneStats stats() const;

 private:
  const std::uint16_t shards_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace edda::lanes
