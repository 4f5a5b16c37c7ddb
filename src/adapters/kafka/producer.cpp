#include "kafka/producer.hpp"

#include <pthread.h>

#include "kafka/client_config.hpp"
#include "kafka/producer_session.hpp"
#include "kafka/topics.hpp"

namespace edda::kafka {

Headers headers_of(const TraceContext& trace) {
  Headers headers;
  if (trace.exists()) headers.add("traceparent", [&](std::string& out) { append_traceparent(out, trace); });
  return headers;
}

namespace {

constexpr milliseconds poll_limit{100};
constexpr milliseconds pause_first{100};
constexpr milliseconds pause_longest{5'000};

std::vector<TopicWanted> topics_wanted(const ProducerSettings& settings) {
  std::vector<TopicWanted> all;
  for (const TopicOfProducer& topic : settings.topics) {
    TopicWanted wanted{settings.connection.topic_prefix + topic.name, topic.partitions, settings.replication};
    if (topic.retention.count() > 0) {
      const std::string time = std::to_string(topic.retention.count());
      // What is kept ends with its segment: a segment must not live longer.
      wanted.options = {{"retention.ms", time}, {"segment.ms", time}};
    }
    all.push_back(std::move(wanted));
  }
  return all;
}

Result<Client> open_producer(const ProducerSettings& settings) {
  TRY(auto conf, make_conf(settings.connection,
                           {{"enable.idempotence", settings.ordered ? "true" : "false"},
                            {"message.timeout.ms", settings.ordered ? "0" : std::to_string(settings.message_timeout.count())},
                            {"queue.buffering.max.messages", std::to_string(settings.waiting_max)},
                            {"queue.buffering.max.kbytes", "65536"},
                            {"linger.ms", settings.ordered ? "5" : "1"},
                            // A topic that is not there right after it was made is given this time before its messages fail.
                            {"topic.metadata.propagation.max.ms", "5000"}}));
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  return open_client(RD_KAFKA_PRODUCER, std::move(conf));
}

}  // namespace

Producer::Producer(ProducerSettings settings, Log& log) : settings_(std::move(settings)), log_(log) {
  thread_ = std::thread([this] { work(); });
  pthread_setname_np(thread_.native_handle(), "kafka-out");
}

Producer::~Producer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (session_ != nullptr) session_->wake();
  }
  wake_.notify_all();
  thread_.join();
}

void Producer::send(std::vector<Message> messages, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_ + messages.size() <= settings_.waiting_max) {
      waiting_ += messages.size();
      inbox_.push_back(std::make_shared<Batch>(std::move(messages), std::move(done)));
      if (session_ != nullptr) session_->wake();
      wake_.notify_all();
      return;
    }
  }
  done(fail(Errc::overloaded, "too many messages wait for Kafka"));
}

ProducerStats Producer::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void Producer::work() {
  for (;;) {
    auto session = open();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      stats_.connected = session != nullptr;
      session_ = session.get();
    }
    if (session) {
      serve(*session);
      const std::lock_guard lock(mutex_);
      session_ = nullptr;
      stats_.connected = false;
      if (stopping_) return;
    }
    session.reset();
    pause_before_next();
  }
}

/// Null, and everything that waits has failed, when the brokers cannot be reached or a topic is wrong.
std::unique_ptr<Producer::Session> Producer::open() {
  const auto stopping = [this] {
    const std::lock_guard lock(mutex_);
    return stopping_;
  };
  auto client = open_producer(settings_);
  const auto ready = client ? ensure_topics(**client, topics_wanted(settings_), stopping) : Result<void>(std::unexpected(client.error()));
  if (!ready) {
    if (!stopping()) {
      tell(ready.error());
      fail_all({Errc::unavailable, ready.error().message, {}, ready.error().reason});
    }
    return nullptr;
  }
  const std::lock_guard lock(mutex_);
  ++stats_.sessions;
  return std::make_unique<Session>(*std::move(client), settings_);
}

void Producer::serve(Session& session) {
  while (!session.broken()) {
    take_inbox(session);
    session.feed();
    session.poll(poll_limit);
    if (const auto complaint = session.take_complaint()) tell(*complaint);
    const auto settled = session.take_settled();
    const std::lock_guard lock(mutex_);
    stats_.connected = !session.away();
    waiting_ -= settled.delivered + settled.failed;
    stats_.delivered += settled.delivered;
    stats_.failed += settled.failed;
    if (stopping_) return;
    if (settled.delivered == 0) continue;
    pause_ = milliseconds(0);
    told_.clear();
  }
  const Error error = *session.broken();
  tell(error);
  session.fail_all(error);
  const auto settled = session.take_settled();
  const std::lock_guard lock(mutex_);
  waiting_ -= settled.delivered + settled.failed;
  stats_.failed += settled.failed;
}

void Producer::take_inbox(Session& session) {
  const std::lock_guard lock(mutex_);
  for (auto& batch : inbox_) session.add(std::move(batch));
  inbox_.clear();
}

void Producer::fail_all(const Error& error) {
  std::deque<std::shared_ptr<Batch>> failed;
  {
    const std::lock_guard lock(mutex_);
    failed.swap(inbox_);
    for (const auto& batch : failed) {
      waiting_ -= batch->messages.size();
      stats_.failed += batch->messages.size();
    }
  }
  for (const auto& batch : failed) batch->done(std::unexpected(error));
}

/// The same trouble is told once, until something was delivered again.
void Producer::tell(const Error& error) {
  if (told_ == error.message) return;
  told_ = error.message;
  const bool mistake = error.code == Errc::invalid_argument || error.reason == "wrong_partitions";
  log_.write(mistake ? LogLevel::error : LogLevel::warn, "Kafka cannot be written to; it is tried again", {{"error", error.message}});
}

void Producer::pause_before_next() {
  std::unique_lock lock(mutex_);
  pause_ = pause_.count() == 0 ? pause_first : std::min(pause_ * 2, pause_longest);
  wake_.wait_for(lock, pause_, [this] { return stopping_; });
}

}  // namespace edda::kafka
