#include "kafka/consumer.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <condition_variable>
#include <mutex>

#include "kafka/client_config.hpp"

namespace edda::kafka {
namespace {

constexpr int poll_ms = 200;
constexpr int watermark_ms = 2'000;
constexpr milliseconds pause{300};
// A member that did not take its leave is missed after the session's time-out.
constexpr milliseconds leave_limit{6'000};

Result<Client> open_consumer(const ConsumerSettings& settings) {
  const std::string& prefix = settings.connection.topic_prefix;
  TRY(auto conf, make_conf(settings.connection, {{"group.id", prefix + (settings.group.empty() ? "edda-unshared" : settings.group)},
                                                 {"partition.assignment.strategy", "range"},
                                                 {"auto.offset.reset", "latest"},
                                                 {"enable.auto.commit", settings.group.empty() ? "false" : "true"},
                                                 {"auto.commit.interval.ms", "1000"},
                                                 // A member that died is missed after this time, less than a step's timeout.
                                                 {"session.timeout.ms", "6000"},
                                                 {"heartbeat.interval.ms", "1500"},
                                                 {"fetch.wait.max.ms", "100"},
                                                 // A topic that is made later is found within this time, not after five minutes.
                                                 {"topic.metadata.refresh.interval.ms", "5000"},
                                                 {"queued.max.messages.kbytes", "8192"}}));
  TRY(auto client, open_client(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(client.get());
  return client;
}

Error no_broker(rd_kafka_resp_err_t why) {
  return {Errc::unavailable, fmt::format("no Kafka broker answers: {}", rd_kafka_err2str(why))};
}

/// Where each partition ends now: read from there on, the messages of other times are passed over without a race.
Result<void> assign_ends(rd_kafka_t& client, const std::string& topic, int partitions, const std::stop_token& stop) {
  const PartitionList list(rd_kafka_topic_partition_list_new(partitions));
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "stopped");
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto error = rd_kafka_query_watermark_offsets(&client, topic.c_str(), partition, &low, &high, watermark_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(no_broker(error));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = high;
  }
  const auto error = rd_kafka_assign(&client, list.get());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>{} : std::unexpected(no_broker(error));
}

Result<void> subscribe(rd_kafka_t& client, const std::string& topic) {
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(&client, list.get());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>{} : std::unexpected(no_broker(error));
}

void sleep(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, pause, [] { return false; });
}

TraceContext trace_of(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (rd_kafka_header_get_last(headers, "traceparent", &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr) return {};
  return parse_traceparent({static_cast<const char*>(value), size}).value_or(TraceContext{});
}

/// Commits what was read and leaves the group, if that can be done in time: in librdkafka 2.0.2 rd_kafka_consumer_close can wait for ever for
/// brokers that are away (its issue 4519).
void leave(Client client) {
  const auto end = std::chrono::steady_clock::now() + leave_limit;
  {
    const Queue queue(rd_kafka_queue_new(client.get()));
    const ClientError refused(rd_kafka_consumer_close_queue(client.get(), queue.get()));
    while (!refused && rd_kafka_consumer_closed(client.get()) == 0 && std::chrono::steady_clock::now() < end)
      const ClientEvent event(rd_kafka_queue_poll(queue.get(), poll_ms));
  }
  rd_kafka_destroy_flags(client.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}  // namespace

Consumer::Consumer(ConsumerSettings settings, Log& log, OnMessage on_message, std::function<void()> on_ready)
    : settings_(std::move(settings)),
      log_(log),
      on_message_(std::move(on_message)),
      on_ready_(std::move(on_ready)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {
  pthread_setname_np(thread_.native_handle(), "kafka-in");
}

Consumer::~Consumer() {
  thread_.request_stop();
  thread_.join();
}

void Consumer::work(const std::stop_token& stop) {
  const std::string topic = settings_.connection.topic_prefix + settings_.topic;
  bool told = false;
  const auto tell = [&](const Error& error) {
    if (!std::exchange(told, true)) log_.write(LogLevel::warn, "Kafka cannot be read from; it is tried again", {{"error", error.message}});
  };
  auto client = open_consumer(settings_);
  if (!client) return tell(client.error());
  while (!stop.stop_requested()) {
    const auto begun = settings_.group.empty() ? assign_ends(**client, topic, settings_.partitions, stop) : subscribe(**client, topic);
    if (begun) break;
    if (!stop.stop_requested()) tell(begun.error());
    sleep(stop);
  }
  if (!stop.stop_requested() && on_ready_) on_ready_();
  while (!stop.stop_requested()) {
    const ReceivedMessage message(rd_kafka_consumer_poll(client->get(), poll_ms));
    if (!message) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      tell(no_broker(message->err));
      continue;
    }
    told = false;
    on_message_({message->partition, {static_cast<const char*>(message->payload), message->len}, trace_of(*message)});
  }
  leave(*std::move(client));
}

}  // namespace edda::kafka
