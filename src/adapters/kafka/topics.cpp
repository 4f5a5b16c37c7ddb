#include "kafka/topics.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <thread>

namespace edda::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;

constexpr milliseconds request_limit{5'000};
constexpr milliseconds metadata_limit{2'000};
constexpr milliseconds ask_again{100};
constexpr milliseconds slice{100};

Result<NewTopic> describe(const TopicWanted& wanted) {
  std::array<char, 256> reason{};
  NewTopic topic(rd_kafka_NewTopic_new(wanted.name.c_str(), wanted.partitions, wanted.replication, reason.data(), reason.size()));
  if (!topic) return fail(Errc::invalid_argument, fmt::format("\"{}\" cannot be a topic: {}", wanted.name, reason.data()));
  for (const auto& [name, value] : wanted.options) rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  return topic;
}

/// Asks for all of them. What a broker says of each is not looked at: it may be there already, or creating may be forbidden to us; what
/// counts is what stands there afterwards.
Result<void> create(rd_kafka_t& client, const std::vector<TopicWanted>& wanted, const std::function<bool()>& stopping) {
  std::vector<NewTopic> topics;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const TopicWanted& one : wanted) {
    TRY(auto topic, describe(one));
    pointers.push_back(topic.get());
    topics.push_back(std::move(topic));
  }
  const Queue queue(rd_kafka_queue_new(&client));
  const AdminOptions options(rd_kafka_AdminOptions_new(&client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(request_limit.count()), nullptr, 0);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), static_cast<int>(metadata_limit.count()), nullptr, 0);
  rd_kafka_CreateTopics(&client, pointers.data(), pointers.size(), options.get(), queue.get());
  for (;;) {
    const ClientEvent event(rd_kafka_queue_poll(queue.get(), static_cast<int>(slice.count())));
    if (stopping()) return fail(Errc::cancelled, "stopped");
    if (!event) continue;  // the request's own limit ends this
    const auto error = rd_kafka_event_error(event.get());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return fail(Errc::unavailable, fmt::format("no Kafka broker answers: {}", rd_kafka_err2str(error)));
  }
}

/// Partitions of every topic of the cluster: asking for one by name could create it, as the broker likes it.
Result<std::map<std::string, int>> partitions(rd_kafka_t& client) {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(&client, 1, nullptr, &answer, static_cast<int>(metadata_limit.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Errc::unavailable, fmt::format("no Kafka broker answers: {}", rd_kafka_err2str(error)));
  const Metadata metadata(answer);
  std::map<std::string, int> found;
  for (int i = 0; i < metadata->topic_cnt; ++i) found[metadata->topics[i].topic] = metadata->topics[i].partition_cnt;
  return found;
}

Result<void> check(const std::map<std::string, int>& found, const TopicWanted& wanted) {
  const auto topic = found.find(wanted.name);
  if (topic == found.end() || topic->second == 0)
    return fail(Errc::unavailable, fmt::format("the topic {} is not there and could not be created", wanted.name));
  if (topic->second == wanted.partitions) return {};
  return fail(Errc::unavailable,
              fmt::format("the topic {} has {} partitions and must have {}, one for each shard: delete it, or choose another topic prefix",
                          wanted.name, topic->second, wanted.partitions),
              {}, "wrong_partitions");
}

Result<void> check_all(rd_kafka_t& client, const std::vector<TopicWanted>& wanted) {
  TRY(const auto found, partitions(client));
  for (const TopicWanted& one : wanted) TRY_VOID(check(found, one));
  return {};
}

}  // namespace

Result<void> ensure_topics(rd_kafka_t& client, const std::vector<TopicWanted>& wanted, const std::function<bool()>& stopping) {
  if (wanted.empty()) return {};
  TRY_VOID(create(client, wanted, stopping));
  // A topic that was just created is not known everywhere at once.
  const auto end = Clock::now() + request_limit;
  for (;;) {
    const auto checked = check_all(client, wanted);
    if (checked || checked.error().reason == "wrong_partitions" || Clock::now() > end || stopping()) return checked;
    std::this_thread::sleep_for(ask_again);
  }
}

}  // namespace edda::kafka
