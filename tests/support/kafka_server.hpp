#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "kafka/client_config.hpp"
#include "support/free_port.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::testing_support {

/// A real Kafka broker (tools/kafka_node.sh) on free ports of the loopback, its data in a folder of its own. It ends with this process,
/// however that ends.
class KafkaServer {
 public:
  /// The one of this process, started when it is first asked for.
  static KafkaServer& shared() {
    static KafkaServer server;
    return server;
  }

  /// `lines`: further ones of its server.properties.
  explicit KafkaServer(std::vector<std::string> lines = {}, std::uint16_t port = free_port(), std::uint16_t controller = free_port())
      : lines_(std::move(lines)), port_(port), controller_(controller) {
    start();
  }
  KafkaServer(const KafkaServer&) = delete;
  ~KafkaServer() { kill(); }

  std::string broker() const { return fmt::format("127.0.0.1:{}", port_); }
  kafka::ConnectionSettings connection(std::string topic_prefix = {}) const {
    kafka::ConnectionSettings settings;
    settings.brokers = {broker()};
    settings.topic_prefix = std::move(topic_prefix);
    return settings;
  }

  /// Starts it, or starts it again with the data it had, and returns when it answers. On a thread that lives as long as the broker should:
  /// it ends with the thread that started it.
  void start() {
    if (process_ > 0) return;
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ == 0) become_the_broker(parent);
    // Another process says only by its answers that it is there: it is asked now and again.
    const auto end = std::chrono::steady_clock::now() + start_limit;
    while (!answers()) {
      if (std::chrono::steady_clock::now() > end || ::waitpid(process_, nullptr, WNOHANG) == process_)
        throw std::runtime_error("the Kafka broker did not start; its log: " + read_log());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  /// As kill -9 does.
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

  void pause() { ::kill(process_, SIGSTOP); }
  void resume() { ::kill(process_, SIGCONT); }

 private:
  static constexpr std::chrono::seconds start_limit{120};

  [[noreturn]] void become_the_broker(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // it died before it could be told
    const int log = ::open((folder_.path() / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    std::vector<std::string> words{EDDA_SOURCE_DIR "/tools/kafka_node.sh", (folder_.path() / "node").string(), std::to_string(port_),
                                   std::to_string(controller_),
                                   // A broker that was killed may come back when its last life is forgotten: after 9 s usually.
                                   "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500"};
    words.insert(words.end(), lines_.begin(), lines_.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }

  bool answers() const {
    auto conf = kafka::make_conf(connection(), {});
    const auto client = kafka::open_client(RD_KAFKA_PRODUCER, *std::move(conf));
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client->get(), 0, nullptr, &metadata, 1'000) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    const bool some = metadata->broker_cnt > 0;
    rd_kafka_metadata_destroy(metadata);
    return some;
  }
  std::string read_log() const {
    std::ifstream file(folder_.path() / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const test::TemporaryFolder folder_;
  const std::vector<std::string> lines_;
  const std::uint16_t port_;
  const std::uint16_t controller_;
  pid_t process_ = -1;
};

/// A message as it stands in a topic.
struct SeenMessage {
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;

  std::int64_t number(const std::string& header) const { return std::stoll(headers.at(header)); }
};

inline SeenMessage seen_message(const rd_kafka_message_t& message) {
  SeenMessage one{{static_cast<const char*>(message.key), message.key_len}, {static_cast<const char*>(message.payload), message.len}, {}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return one;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    one.headers[name] = {static_cast<const char*>(value), size};
  return one;
}

/// All that a partition holds now.
inline std::vector<SeenMessage> read_partition(const kafka::ConnectionSettings& connection, const std::string& topic, std::int32_t partition) {
  auto conf = kafka::make_conf(connection, {{"enable.partition.eof", "true"}, {"fetch.wait.max.ms", "10"}});
  const auto client = kafka::open_client(RD_KAFKA_CONSUMER, *std::move(conf));
  const std::unique_ptr<rd_kafka_topic_t, kafka::Destroyer<rd_kafka_topic_destroy>> handle(
      rd_kafka_topic_new(client->get(), (connection.topic_prefix + topic).c_str(), nullptr));
  EXPECT_EQ(rd_kafka_consume_start(handle.get(), partition, RD_KAFKA_OFFSET_BEGINNING), 0);
  std::vector<SeenMessage> seen;
  bool whole = false;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!whole && std::chrono::steady_clock::now() < end) {
    const kafka::ReceivedMessage message(rd_kafka_consume(handle.get(), partition, 1'000));
    if (!message) continue;
    whole = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) seen.push_back(seen_message(*message));
  }
  EXPECT_TRUE(whole) << topic << " could not be read to its end";
  rd_kafka_consume_stop(handle.get(), partition);
  return seen;
}

inline void delete_topic(rd_kafka_t& client, const std::string& name) {
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
  const kafka::Queue queue(rd_kafka_queue_new(&client));
  rd_kafka_DeleteTopics(&client, &topic, 1, nullptr, queue.get());
  const kafka::ClientEvent event(rd_kafka_queue_poll(queue.get(), 30'000));
  EXPECT_TRUE(event && rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR) << name << " could not be deleted";
  rd_kafka_DeleteTopic_destroy(topic);
}

}  // namespace edda::testing_support
