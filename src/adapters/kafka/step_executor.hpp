#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "kafka/step_message.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/step_executor.hpp"

namespace edda::kafka {

/// Has steps performed by workers elsewhere: a step goes out on the topic saga-steps, its answer comes back on saga-results, both in the
/// partition of the order's shard (docs/step-workers.md). Every node reads all results and takes those of its own sends.
///
/// What the transport loses, doubles or delays ends no step: only "succeeded" and "declined" are passed on, whichever send under the key
/// they were said of. A "failed" is said of one copy of a send, of which another may still be under way: it counts as unanswered (R14),
/// and so does every answer that does not come by the deadline.
/// Thread-safety: all calls, and `on_late`, on the one thread that runs the executor. Lifetime: `stop` before it is destroyed, and then
/// until all calls of `perform` have ended.
class KafkaStepExecutor final : public StepExecutor {
 public:
  struct Ports {
    Clock& clock;
    Random& random;
    Log& log;
  };
  KafkaStepExecutor(boost::asio::any_io_executor executor, StepSettings settings, std::uint16_t shards, Ports ports);
  ~KafkaStepExecutor() override;

  /// A final answer that nobody here waits for any more, or never did: whoever owns the order's shard should have it stored
  /// (Dispatcher::deliver, as of an attempt in doubt). All nodes hear it.
  using OnLate = std::function<void(const StepResult&)>;
  void on_late(OnLate listener);

  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

  /// Reads and sends no more; what waits for an answer is "unknown" at once. Blocks as long as the end of a Consumer.
  void stop();

  /// Counters since the start, for metrics.
  struct Stats {
    std::uint64_t sends = 0;
    std::uint64_t answers = 0;     ///< final ones that were waited for
    std::uint64_t late = 0;        ///< final ones that were not
    std::uint64_t not_final = 0;   ///< "failed" and "unknown": dropped
    std::uint64_t unreadable = 0;  ///< results that are none
  };
  Stats stats() const;

 private:
  struct Shared;
  std::uint16_t shard_count_;
  Ports ports_;
  const std::shared_ptr<Shared> shared_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<Consumer> consumer_;
};

}  // namespace edda::kafka
