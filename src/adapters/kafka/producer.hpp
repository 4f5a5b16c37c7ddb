#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <condition_variable>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/trace_context.hpp"
#include "kafka/settings.hpp"
#include "ports/log.hpp"

namespace edda::kafka {

/// A message's headers, in one piece: a message of the feed has twelve.
class Headers {
 public:
  /// Writes the value of the header `name`, a literal, with `write(std::string& out)`, which appends.
  template <class Write>
  void add(std::string_view name, Write write) {
    write(text_);
    ends_.emplace_back(name, text_.size());
  }
  void reserve(std::size_t count, std::size_t bytes) {
    ends_.reserve(count);
    text_.reserve(bytes);
  }

  std::size_t size() const { return ends_.size(); }
  /// `visit(name, value)` of each, in the order in which they were added.
  template <class Visit>
  void for_each(Visit visit) const {
    std::size_t begin = 0;
    for (const auto& [name, end] : ends_) {
      visit(name, std::string_view(text_).substr(begin, end - begin));
      begin = end;
    }
  }

 private:
  std::string text_;
  std::vector<std::pair<std::string_view, std::size_t>> ends_;
};

/// "traceparent" alone, if there is a trace.
Headers headers_of(const TraceContext& trace);

struct Message {
  std::string topic;  ///< without the prefix
  std::int32_t partition = 0;
  std::string key;
  std::string value;
  Headers headers = {};
};

/// A topic that messages are sent to.
struct TopicOfProducer {
  std::string name;  ///< without the prefix
  int partitions = 1;
  milliseconds retention{0};  ///< when it is created; 0: as the brokers say
};

struct ProducerSettings {
  ConnectionSettings connection;
  std::vector<TopicOfProducer> topics;
  std::int16_t replication = -1;
  /// Idempotent, for a log: what was put in order arrives in order, however long the brokers are away, and the first delivery that fails
  /// ends the session, so that nothing behind it is sent. Else a message that was not delivered within this time has failed, alone.
  bool ordered = true;
  milliseconds message_timeout{0};
  std::size_t waiting_max = 20'000;  ///< messages without an acknowledgement
};

/// Counters since the start, for metrics.
struct ProducerStats {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t sessions = 0;  ///< clients made: one, and one more after each failure
  bool connected = false;      ///< a session stands (the topics are right), and a broker is reached
};

/// Puts messages into topics, from a thread of its own that librdkafka's reports are polled on.
///
/// It lives in sessions. A session begins with the topics being there with their partitions; it ends where order could not be kept any
/// more or the client is beyond repair, and then everything that was not acknowledged has failed and a new client is made. (librdkafka
/// 2.0.2 can declare an idempotent producer dead after a batch whose fate is unknown: there is no other way out.)
/// Thread-safety: all calls from any thread. Lifetime: the destructor drops what waits; the callbacks of that are not called.
class Producer {
 public:
  /// Called once, on the producer's thread: all were acknowledged, or one was not.
  using Done = std::move_only_function<void(Result<void>)>;

  Producer(ProducerSettings settings, Log& log);
  ~Producer();
  Producer(const Producer&) = delete;

  /// Sends the messages in their order. Errors, by `done`: overloaded (too many wait: none was taken), unavailable (some of them may be out).
  void send(std::vector<Message> messages, Done done);

  ProducerStats stats() const;

 private:
  class Session;
  struct Batch {
    std::vector<Message> messages;
    Done done;
    std::size_t next = 0;          ///< the first that the client does not have yet
    std::size_t reported = 0;      ///< of those, delivered or not
    std::size_t acknowledged = 0;
    bool ended = false;            ///< `done` was called; reports may still come
  };

  void work();
  std::unique_ptr<Session> open();
  void serve(Session& session);
  void take_inbox(Session& session);
  void fail_all(const Error& error);
  void tell(const Error& error);
  void pause_before_next();

  const ProducerSettings settings_;
  Log& log_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Batch>> inbox_;
  std::size_t waiting_ = 0;     ///< messages, in the inbox or in the session
  Session* session_ = nullptr;  ///< to be woken; null while there is none
  bool stopping_ = false;
  ProducerStats stats_;

  // Of the thread alone.
  std::string told_;  ///< the last error that was logged
  milliseconds pause_{0};
  std::thread thread_;
};

}  // namespace edda::kafka
