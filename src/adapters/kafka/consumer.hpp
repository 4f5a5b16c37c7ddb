#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/trace_context.hpp"
#include "kafka/settings.hpp"
#include "ports/log.hpp"

namespace edda::kafka {

struct ConsumerSettings {
  ConnectionSettings connection;
  std::string topic;  ///< without the prefix
  /// Members of one group share the partitions; empty: all of them, from their ends on, shared with nobody.
  std::string group = {};
  int partitions = 0;  ///< without a group: how many there are
};

/// Reads a topic whose messages may be lost: what was not there when it began, or while it was away, is passed over (R12).
///
/// Partitions are shared by the `range` assignor and messages taken one by one: in librdkafka 2.0.2 the cooperative assignor and
/// fetching in batches together with pauses can skip messages.
/// Thread-safety: construction and destruction on one thread. `on_message` and `on_ready` are called on a thread of its own; while
/// `on_message` blocks nothing more is taken.
class Consumer {
 public:
  struct Received {
    std::int32_t partition = 0;
    std::string value;
    TraceContext trace;  ///< by its header traceparent; does not exist without one
  };
  using OnMessage = std::function<void(Received message)>;

  Consumer(ConsumerSettings settings, Log& log, OnMessage on_message, std::function<void()> on_ready = {});
  /// Ends within about a second; with the brokers away, six.
  ~Consumer();
  Consumer(const Consumer&) = delete;

 private:
  void work(const std::stop_token& stop);

  const ConsumerSettings settings_;
  Log& log_;
  const OnMessage on_message_;
  const std::function<void()> on_ready_;
  std::jthread thread_;
};

}  // namespace edda::kafka
