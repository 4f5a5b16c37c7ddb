// KafkaEventSink against a real broker, which is killed, stopped and robbed of its topics.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <optional>
#include <thread>

#include "contract/event_sink_contract.hpp"
#include "eventsourcing/event_trace.hpp"
#include "kafka/event_sink.hpp"
#include "kafka/topics.hpp"
#include "support/kafka_server.hpp"
#include "support/quiet_log.hpp"
#include "support/run_task.hpp"

namespace edda {
namespace {

using std::chrono::milliseconds;
using testing_support::KafkaServer;
using testing_support::QuietLog;
using testing_support::read_partition;
using testing_support::run_task;
using testing_support::SeenMessage;

/// Every holder has topics of its own on the one broker.
class KafkaHolder : public EventSinkHolder {
 public:
  KafkaHolder() { restart(); }
  ~KafkaHolder() override { come_back(); }

  EventSink& sink() override { return *sink_; }
  void restart() override {
    sink_.reset();
    sink_ = std::make_unique<kafka::KafkaEventSink>(kafka::FeedSettings{connection(), 1}, log_, quiet_);
  }
  std::vector<std::int64_t> arrived(ShardId shard) override {
    std::vector<std::int64_t> all;
    for (const auto& topic : kafka::feed_topics)
      for (const auto& message : seen(topic, shard.value)) all.push_back(message.number("position"));
    return all;
  }
  void go_down() override { server_.kill(); }
  void come_back() override { server_.start(); }

  std::vector<SeenMessage> seen(std::string_view topic, std::uint16_t shard) {
    return read_partition(connection(), std::string(topic), shard);
  }
  kafka::ConnectionSettings connection() const { return server_.connection(prefix_); }
  KafkaServer& server() { return server_; }
  kafka::ProducerStats stats() const { return sink_->stats(); }
  std::vector<std::string> messages() const { return quiet_.messages(); }

 private:
  static std::string next_prefix() {
    static std::atomic<int> count{0};
    return fmt::format("sink-{}.", ++count);
  }

  KafkaServer& server_ = KafkaServer::shared();
  const std::string prefix_ = next_prefix();
  QuietLog quiet_;
  MadeUpLog log_{1'000'000};
  std::unique_ptr<kafka::KafkaEventSink> sink_;
};

INSTANTIATE_TEST_SUITE_P(ContractKafka, ContractEventSink,
                         testing::Values(EventSinkFactory{"kafka", [] { return std::make_unique<KafkaHolder>(); }}));

class ContractKafkaEventSink : public testing::Test {
 protected:
  Result<void> publish(std::uint16_t shard, std::int64_t first, std::int64_t last, milliseconds patience = milliseconds(60'000)) {
    const Deadline deadline{std::chrono::steady_clock::now() + patience};
    return run_task(holder.sink().publish(ShardId{shard}, MadeUpLog::events(ShardId{shard}, first, last), deadline));
  }
  void publish_at_last(std::uint16_t shard, std::int64_t first, std::int64_t last) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    Result<void> published;
    do {
      published = publish(shard, first, last, milliseconds(1'000));
    } while (!published && std::chrono::steady_clock::now() < end);
    ASSERT_TRUE(published) << published.error().message << testing::PrintToString(holder.messages());
  }
  /// What docs/feed.md tells a consumer to do: nothing is missing, and what is not new is dropped.
  std::vector<std::int64_t> consumed(std::string_view topic, std::uint16_t shard) {
    std::vector<std::int64_t> taken{0};
    for (const auto& message : holder.seen(topic, shard)) {
      if (message.number("position") <= taken.back()) continue;
      EXPECT_EQ(message.number("prev_position"), taken.back()) << "something before " << message.number("position") << " was lost";
      taken.push_back(message.number("position"));
    }
    taken.erase(taken.begin());
    return taken;
  }
  KafkaHolder holder;
};

TEST_F(ContractKafkaEventSink, SaysInHeadersWhatAnEventIsAndWhatStoodBeforeIt) {
  ASSERT_TRUE(publish(1, 1, 4));
  const auto orders = holder.seen("order-events", 1);
  const auto sagas = holder.seen("saga-events", 1);
  ASSERT_EQ(orders.size(), 1U);
  ASSERT_EQ(sagas.size(), 2U);
  const RecordedEvent first = MadeUpLog::event(ShardId{1}, Position{1});
  EXPECT_EQ(orders[0].key, to_string(first.stream));
  EXPECT_EQ(orders[0].value, first.data);
  EXPECT_EQ(orders[0].headers.at("type"), "OrderCreated");
  EXPECT_EQ(orders[0].headers.at("generation"), to_string(Uuid{{7}}));
  EXPECT_EQ(orders[0].headers.at("correlation"), to_string(first.correlation));
  EXPECT_EQ(orders[0].headers.at("traceparent"), "00-02000000000000000000000000000000-0000000000000001-01");
  EXPECT_FALSE(orders[0].headers.contains("causation"));
  EXPECT_NE(orders[0].headers.at("event_id"), sagas[0].headers.at("event_id"));
  EXPECT_EQ(sagas[0].number("prev_position"), 0);
  EXPECT_EQ(sagas[1].number("position"), 4);
  EXPECT_EQ(sagas[1].number("prev_position"), 3);
}

TEST_F(ContractKafkaEventSink, TellsOfTheTraceThatAnEventIsOf) {
  auto event = MadeUpLog::event(ShardId{1}, Position{1});
  const TraceContext cause{{0xAB}, {0x01}, true};
  add_trace(event.data, cause);
  ASSERT_TRUE(run_task(holder.sink().publish(ShardId{1}, {event}, {std::chrono::steady_clock::now() + std::chrono::seconds(60)})));
  EXPECT_EQ(holder.seen("order-events", 1).at(0).headers.at("traceparent"), to_traceparent(cause));
}

TEST_F(ContractKafkaEventSink, FindsInTheLogWhatStoodBeforeItsFirstEvents) {
  ASSERT_TRUE(publish(0, 1, 7));
  holder.restart();
  ASSERT_TRUE(publish(0, 8, 20));
  EXPECT_EQ(consumed("order-events", 0), (std::vector<std::int64_t>{1, 6, 11, 16}));
  EXPECT_EQ(consumed("payment-events", 0), (std::vector<std::int64_t>{2, 7, 12, 17}));
  EXPECT_EQ(consumed("saga-events", 0), (std::vector<std::int64_t>{3, 4, 8, 9, 13, 14, 18, 19}));
}

TEST_F(ContractKafkaEventSink, RefusesATopicWithAnotherNumberOfPartitions) {
  auto conf = kafka::make_conf(holder.connection(), {});
  const auto client = kafka::open_client(RD_KAFKA_PRODUCER, *std::move(conf));
  const std::string prefix = holder.connection().topic_prefix + "other.";
  ASSERT_TRUE(kafka::ensure_topics(**client, {{prefix + "order-events", 3, 1}}, [] { return false; }));

  auto settings = kafka::FeedSettings{holder.server().connection(prefix), 1};
  MadeUpLog log(100);
  QuietLog quiet;
  kafka::KafkaEventSink sink(settings, log, quiet);
  const auto refused = run_task(sink.publish(ShardId{0}, MadeUpLog::events(ShardId{0}, 1, 2),
                                             {std::chrono::steady_clock::now() + std::chrono::seconds(30)}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_EQ(refused.error().reason, "wrong_partitions");
  EXPECT_NE(refused.error().message.find("order-events has 3 partitions and must have 4"), std::string::npos) << refused.error().message;
  EXPECT_EQ(quiet.messages().size(), 1U) << "told once, however often it is tried";
}

TEST_F(ContractKafkaEventSink, WaitsForABrokerThatIsDownAtTheStart) {
  holder.go_down();
  holder.restart();
  EXPECT_FALSE(publish(0, 1, 4, milliseconds(500)));
  holder.come_back();
  publish_at_last(0, 1, 4);
  EXPECT_EQ(consumed("saga-events", 0), (std::vector<std::int64_t>{3, 4}));
}

TEST_F(ContractKafkaEventSink, TellsThatTheBrokerIsAwayAndWithNothingToSendThatItIsBack) {
  const auto tells = [&](bool connected) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (holder.stats().connected != connected && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return holder.stats().connected == connected;
  };
  ASSERT_TRUE(publish(0, 1, 4));
  EXPECT_TRUE(holder.stats().connected);
  holder.go_down();
  EXPECT_TRUE(tells(false));
  holder.come_back();
  EXPECT_TRUE(tells(true));
  EXPECT_EQ(holder.stats().sessions, 1U);
}

TEST_F(ContractKafkaEventSink, KeepsOrderAndLosesNothingWhileTheBrokerIsKilledAndStarted) {
  constexpr std::int64_t pages = 30;
  constexpr std::int64_t page = 50;
  std::thread publisher([&] {
    for (std::int64_t i = 0; i < pages; ++i) publish_at_last(2, i * page + 1, (i + 1) * page);
  });
  for (int times = 0; times < 2; ++times) {
    holder.go_down();
    holder.come_back();
  }
  publisher.join();
  publish_at_last(2, pages * page + 1, (pages + 1) * page);
  std::size_t count = 0;
  for (const auto& topic : kafka::feed_topics) count += consumed(topic, 2).size();
  EXPECT_EQ(count, up_to((pages + 1) * page).size());
}

TEST_F(ContractKafkaEventSink, SendsNothingTwiceToABrokerThatWasOnlySlow) {
  ASSERT_TRUE(publish(0, 1, 5));
  holder.server().pause();
  EXPECT_FALSE(publish(0, 6, 10, milliseconds(300)));
  EXPECT_FALSE(publish(0, 6, 15, milliseconds(300)));
  holder.server().resume();
  publish_at_last(0, 6, 15);
  EXPECT_EQ(holder.arrived(ShardId{0}).size(), up_to(15).size());
  EXPECT_EQ(holder.stats().sessions, 1U);
}

TEST_F(ContractKafkaEventSink, MakesADeletedTopicAnewAndShowsConsumersTheLoss) {
  ASSERT_TRUE(publish(0, 1, 10));
  {
    auto conf = kafka::make_conf(holder.connection(), {});
    const auto client = kafka::open_client(RD_KAFKA_PRODUCER, *std::move(conf));
    testing_support::delete_topic(**client, holder.connection().topic_prefix + "order-events");
  }
  publish_at_last(0, 11, 20);
  const auto seen = holder.seen("order-events", 0);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front().number("position"), 11);
  EXPECT_EQ(seen.front().number("prev_position"), 6) << "a consumer that saw 1 and 6 has lost nothing, and one that saw less knows it";
}

TEST_F(ContractKafkaEventSink, StopsAtAnEventThatKafkaDoesNotTakeWhileOtherShardsGoOn) {
  auto events = MadeUpLog::events(ShardId{0}, 1, 10);
  events[5].data = '"' + std::string(2'000'000, 'x') + '"';  // an order event, beyond what a broker takes
  const auto refused = run_task(holder.sink().publish(ShardId{0}, std::move(events), {std::chrono::steady_clock::now() + std::chrono::seconds(30)}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  ASSERT_TRUE(publish(1, 1, 10));
  const auto arrived = holder.arrived(ShardId{0});
  for (const auto position : arrived) EXPECT_LE(position, 5);
}

/// A broker that is spoken to over TLS, as a user with a password.
class SecureServer {
 public:
  SecureServer() {
    const std::string make_certificate = fmt::format(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
        "-keyout {0}/key.pem -out {0}/certificate.pem 2>/dev/null && cat {0}/key.pem {0}/certificate.pem > {0}/both.pem",
        folder_.path().string());
    EXPECT_EQ(std::system(make_certificate.c_str()), 0);
    server_.emplace(std::vector<std::string>{
        fmt::format("listeners=PLAINTEXT://127.0.0.1:{},CONTROLLER://127.0.0.1:{},SECURE://localhost:{}", plain_, controller_, port_),
        fmt::format("advertised.listeners=PLAINTEXT://127.0.0.1:{},SECURE://localhost:{}", plain_, port_),
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
        "listener.name.secure.sasl.enabled.mechanisms=PLAIN",
        "listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        "user_edda=\"correct horse\";",
        "listener.name.secure.ssl.keystore.type=PEM",
        fmt::format("listener.name.secure.ssl.keystore.location={}/both.pem", folder_.path().string())},
        plain_, controller_);
  }
  kafka::ConnectionSettings connection(const std::string& password) const {
    kafka::ConnectionSettings settings;
    settings.brokers = {fmt::format("localhost:{}", port_)};
    settings.tls = true;
    settings.ca_file = folder_.path() / "certificate.pem";
    settings.sasl_mechanism = "PLAIN";
    settings.user = "edda";
    settings.password = password;
    return settings;
  }

 private:
  const test::TemporaryFolder folder_;
  const std::uint16_t plain_ = testing_support::free_port();
  const std::uint16_t controller_ = testing_support::free_port();
  const std::uint16_t port_ = testing_support::free_port();
  std::optional<KafkaServer> server_;
};

TEST(ContractKafkaSecurity, SignsInOverTlsAndTellsNobodyItsPassword) {
  SecureServer server;
  MadeUpLog log(100);
  QuietLog quiet;
  const auto publish = [&](const std::string& password, const std::string& ca) {
    auto settings = kafka::FeedSettings{server.connection(password), 1};
    if (!ca.empty()) settings.connection.ca_file = ca;
    kafka::KafkaEventSink sink(settings, log, quiet);
    return run_task(sink.publish(ShardId{0}, MadeUpLog::events(ShardId{0}, 1, 4), {std::chrono::steady_clock::now() + std::chrono::seconds(60)}));
  };
  const auto published = publish("correct horse", "");
  EXPECT_TRUE(published) << published.error().message;
  const auto refused = publish("battery staple", "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("battery"), std::string::npos);
  EXPECT_FALSE(publish("correct horse", "/etc/ssl/certs/ca-certificates.crt")) << "a certificate of nobody we trust";
}

TEST_F(ContractKafkaEventSink, TakesNoMoreThanItsBound) {
  kafka::FeedSettings settings{holder.connection(), 1};
  settings.waiting_max = 10;
  MadeUpLog log(100);
  QuietLog quiet;
  kafka::KafkaEventSink sink(settings, log, quiet);
  const auto refused = run_task(sink.publish(ShardId{0}, MadeUpLog::events(ShardId{0}, 1, 20),
                                             {std::chrono::steady_clock::now() + std::chrono::seconds(30)}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace edda
