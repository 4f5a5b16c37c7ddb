#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "lanes/epochs.hpp"
#include "lanes/turns.hpp"
#include "metrics/instruments.hpp"
#include "ports/clock.hpp"
#include "tracing/tracer.hpp"

namespace edda::lanes {

/// What lanes measure of themselves; null: it is not measured. The histograms outlive the lanes.
struct LaneMeters {
  metrics::Histogram* wait_seconds = nullptr;    ///< of a command, until its batch is decided
  metrics::Histogram* append_seconds = nullptr;  ///< of a batch's transaction, its repeats included
  metrics::Histogram* append_turns = nullptr;    ///< in a batch
};

struct LaneSettings {
  std::string node;
  std::size_t queue_max = 4096;    ///< commands waiting; a further one is answered `overloaded`
  std::size_t batch_max = 256;     ///< turns in one append
  std::size_t cases_max = 4'096;   ///< hot orders and products kept folded, some 3 KiB each
  /// Whether another process may write what this lane writes. Where none does, what the lane has folded is what stands in the store.
  bool others_write = true;
  LaneMeters meters = {};
  tracing::Tracer* tracer = nullptr;  ///< null: turns are no spans; outlives the lanes
};

/// Counters since the start, for metrics.
struct LaneStats {
  std::uint64_t turns = 0;
  std::uint64_t batches = 0;     ///< append transactions
  std::uint64_t conflicts = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t claimed = 0;
  std::uint64_t fenced = 0;
  std::uint64_t rejections = 0;  ///< commands that the domain refused
  std::uint64_t overloaded = 0;
  std::uint64_t append_failed = 0;   ///< batches that were surely not stored
  std::uint64_t append_unknown = 0;  ///< batches of which nobody knows
  std::size_t queued = 0;
};

/// Takes all commands that wait, decides them, appends them in one transaction, answers; while the disk works the next batch collects.
/// No artificial delay, no answer before the commit. Hot orders stay folded in a cache that advances only after a commit.
/// Commands on one order or product that wait together are folded over one another and stored together: a product that everybody wants
/// costs no more than as many orders that nobody else touches.
///
/// Thread-safety: `submit` from any thread. Everything else runs on the lane's executor, which must run on one thread.
class Lane final : public Turns {
 public:
  Lane(boost::asio::any_io_executor executor, EventStore& store, Epochs& epochs, Clock& clock, Random& random,
       const LaneSettings& settings, CommitListener on_commit);
  ~Lane() override;

  Task<TurnAnswer> submit(TurnRequest request, Deadline deadline) override;

  /// Refuses new commands and waits until all that wait are answered.
  Task<void> stop();

  LaneStats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace edda::lanes
