#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "http/routes/api.hpp"
#include "ports/event_sink.hpp"
#include "ports/step_executor.hpp"
#include "turn/turn.hpp"
#include "wiring/storage.hpp"

namespace edda::wiring {

/// What is spoken over Kafka: the log is published there, and steps go to workers. Nothing where no broker is configured.
/// It connects in the background; orders do not wait for it.
class Transports {
 public:
  Transports(Foundation& base, Storage& storage);
  ~Transports();
  Transports(const Transports&) = delete;

  EventSink* sink() const;        ///< null: the log is published nowhere
  StepExecutor* workers() const;  ///< null: this process performs every step
  std::set<std::string> steps_of_workers() const;

  /// Told of final answers of workers that nobody here waits for.
  using OnLate = std::function<void(OrderId, turn::AnswerStep)>;
  void on_late(const OnLate& listener);
  /// Steps that wait for an answer have none from here on. Blocks for about a second where there are workers.
  void stop();

  http::Component health() const;

 private:
  struct Kafka;
  std::unique_ptr<Kafka> kafka_;  ///< null: not configured
};

}  // namespace edda::wiring
