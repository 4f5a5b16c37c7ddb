#include "bench/feed_reader.hpp"

#include <chrono>
#include <stop_token>
#include <thread>

#include "base/timestamp.hpp"
#include "kafka/client_config.hpp"

namespace edda::bench {
namespace {

constexpr const char* topic = "order-events";
// Of the topic with the fewest events that is in every saga; so many partitions at most, lest reading become a load.
constexpr int partitions_read = 16;
constexpr int look_ms = 100;
constexpr int metadata_ms = 10'000;

Result<int> count_partitions(rd_kafka_t* client) {
  const std::unique_ptr<rd_kafka_topic_t, kafka::Destroyer<rd_kafka_topic_destroy>> handle(rd_kafka_topic_new(client, topic, nullptr));
  const struct rd_kafka_metadata* found = nullptr;
  const auto error = rd_kafka_metadata(client, 0, handle.get(), &found, metadata_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(Errc::unavailable, std::string("Kafka does not answer: ") + rd_kafka_err2str(error));
  const std::unique_ptr<const struct rd_kafka_metadata, kafka::Destroyer<rd_kafka_metadata_destroy>> metadata(found);
  return metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
}

}  // namespace

struct FeedReader::Parts {
  kafka::Client client;
  Histogram delays = {};
  std::jthread thread = {};

  void take(const rd_kafka_message_t& message) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    std::size_t bytes = 0;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (rd_kafka_header_get_last(headers, "at", &value, &bytes) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const auto at = parse_rfc3339({static_cast<const char*>(value), bytes});
    if (!at) return;
    const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now() - *at).count();
    delays.record(static_cast<std::uint64_t>(std::max<std::int64_t>(delay, 0)));
  }

  void work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const kafka::ReceivedMessage message(rd_kafka_consumer_poll(client.get(), look_ms));
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) take(*message);
    }
  }
};

FeedReader::FeedReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FeedReader::~FeedReader() = default;

Result<std::unique_ptr<FeedReader>> FeedReader::open(const std::string& broker) {
  kafka::ConnectionSettings connection;
  connection.brokers = {broker};
  TRY(auto conf, kafka::make_conf(connection, {{"group.id", "edda-bench"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "100"}}));
  TRY(auto client, kafka::open_client(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(client.get());
  TRY(const int partitions, count_partitions(client.get()));
  if (partitions == 0) return fail(Errc::unavailable, std::string("There is no topic ") + topic);
  const kafka::PartitionList list(rd_kafka_topic_partition_list_new(partitions_read));
  for (int i = 0; i < std::min(partitions, partitions_read); ++i)
    rd_kafka_topic_partition_list_add(list.get(), topic, i)->offset = RD_KAFKA_OFFSET_END;
  if (const auto error = rd_kafka_assign(client.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Errc::unavailable, std::string("Kafka: ") + rd_kafka_err2str(error));
  auto parts = std::make_unique<Parts>(std::move(client));
  parts->thread = std::jthread([&parts = *parts](const std::stop_token& stop) { parts.work(stop); });
  return std::unique_ptr<FeedReader>(new FeedReader(std::move(parts)));
}

Histogram FeedReader::stop() {
  parts_->thread = {};
  return std::exchange(parts_->delays, {});
}

}  // namespace edda::bench
