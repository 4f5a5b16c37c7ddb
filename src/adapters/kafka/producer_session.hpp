#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "kafka/handles.hpp"
#include "kafka/producer.hpp"

namespace edda::kafka {

/// One client of librdkafka, and what it has in hand. Used by the producer's thread alone, but for `wake`.
class Producer::Session {
 public:
  Session(Client client, const ProducerSettings& settings);
  /// Drops what is in hand: nothing of it is sent any more, but what is on its way.
  ~Session();

  /// Messages of `batch` follow those of the batches before.
  void add(std::shared_ptr<Batch> batch) { backlog_.push_back(std::move(batch)); }
  /// Hands as much of the backlog to the client as it takes.
  void feed();
  /// Waits for reports, at most so long, and tells the batches.
  void poll(milliseconds wait);
  /// From any thread: `poll` returns soon.
  void wake() { rd_kafka_queue_yield(queue_.get()); }

  /// Why the session is at its end, once it is.
  const std::optional<Error>& broken() const { return broken_; }
  /// Every connection was lost, and neither a delivery nor a look, once a second, has shown a broker since.
  bool away() const { return away_; }
  /// What the client complained of last: brokers that are away, mostly.
  std::optional<Error> take_complaint() { return std::exchange(complaint_, std::nullopt); }
  /// Messages whose batches have ended since the last call, and how they ended.
  struct Settled {
    std::size_t delivered = 0;
    std::size_t failed = 0;
  };
  Settled take_settled() { return std::exchange(settled_, {}); }
  /// Every batch that has not ended fails.
  void fail_all(const Error& error);

 private:
  bool put(Batch& batch);
  rd_kafka_resp_err_t produce(const Message& message, const std::string& topic, Batch* batch);
  void on_event(rd_kafka_event_t& event);
  void on_report(const rd_kafka_message_t& message);
  void on_error(rd_kafka_event_t& event);
  void settle(Batch& batch, Result<void> result);
  void look_for_a_broker();

  const ProducerSettings& settings_;
  Client client_;
  Queue queue_;
  std::deque<std::shared_ptr<Batch>> backlog_;                     ///< not wholly handed over
  std::unordered_map<Batch*, std::shared_ptr<Batch>> in_client_;  ///< with messages that are reported on some time
  std::optional<Error> broken_;
  std::optional<Error> complaint_;
  bool away_ = false;
  std::chrono::steady_clock::time_point next_look_{};  ///< while they are
  Settled settled_;
};

}  // namespace edda::kafka
