#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "async/task_group.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "kafka/step_message.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/step_executor.hpp"

namespace edda::kafka {

/// The other end of KafkaStepExecutor: takes steps from saga-steps, has each performed and sends what came of it to saga-results. What
/// it cannot read it drops; what it dies over is sent again by the step's owner.
/// Thread-safety: construction, `stop` and the work on the one thread that runs the executor.
class StepWorker {
 public:
  /// `steps`: whoever can perform them (owner::GatewayExecutor); it refuses what is past its not_after.
  StepWorker(boost::asio::any_io_executor executor, WorkerSettings settings, StepExecutor& steps, Clock& clock, Log& log);
  ~StepWorker();
  StepWorker(const StepWorker&) = delete;

  /// Takes no more, and returns when what was taken has been answered. At first it blocks as long as the end of a Consumer.
  Task<void> stop();

  std::uint64_t performed() const { return performed_; }
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  /// So many may pass at a time; the reading thread waits here.
  class Gate {
   public:
    explicit Gate(std::size_t places) : places_(places) {}
    bool enter();
    void leave();
    void close();

   private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::size_t places_;
    bool closed_ = false;
  };

  void take(const Consumer::Received& received);
  Task<void> perform(std::int32_t partition, StepMessage message);

  const boost::asio::any_io_executor executor_;
  const WorkerSettings settings_;
  StepExecutor& steps_;
  Clock& clock_;
  Log& log_;
  Gate gate_;
  TaskGroup tasks_;
  std::uint64_t performed_ = 0;
  std::uint64_t unreadable_ = 0;
  Producer producer_;
  std::unique_ptr<Consumer> consumer_;
};

}  // namespace edda::kafka
