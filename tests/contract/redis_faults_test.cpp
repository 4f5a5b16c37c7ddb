#include <gtest/gtest.h>

#include <cstdlib>
#include <future>

#include "support/redis_client.hpp"

// What a Redis server does to those who count on it.
namespace edda {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing_support::RedisNode;
using testing_support::RedisServer;
using testing_support::run_task;
using testing_support::some_deadline;

constexpr RateLimit one_an_hour{1, seconds(3600)};

/// As a node has it.
redis::ClientSettings usual(const RedisServer& server) {
  redis::ClientSettings settings{.host = "127.0.0.1", .port = server.port()};
  settings.first_pause = settings.longest_pause = milliseconds(1);
  return settings;
}

/// Asks until the server, a process of its own, is there again. False: it did not come back.
bool comes_back(RedisNode& node) {
  for (const auto end = steady_clock::now() + seconds(60); steady_clock::now() < end; std::this_thread::sleep_for(milliseconds(2)))
    if (node.call({"PING"})) return true;
  return false;
}

RateDecision take(RedisNode& node, const std::string& key) {
  return run_task(node.limiter().take(key, one_an_hour, some_deadline()));
}

/// Neither a lock nor a bucket waits for the deadline, which is minutes away; the limiter of the time meanwhile decides.
void expect_fails_open(RedisNode& node, const std::string& bucket) {
  EXPECT_FALSE(node.try_lock("k", "a"));
  EXPECT_FALSE(node.is_locked("k"));
  EXPECT_TRUE(take(node, bucket).allowed);
  EXPECT_FALSE(take(node, bucket).allowed);
}

TEST(ContractRedisFaults, DownFromTheBeginning) {
  RedisServer server;
  server.kill();
  RedisNode node(usual(server));
  const auto lock = node.try_lock("k", "a");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, Errc::unavailable);
  expect_fails_open(node, "login:a");
  server.start();
  ASSERT_TRUE(comes_back(node));
  EXPECT_EQ(server.command({"EXISTS", "k"}).integer, 0) << "what was surely not done was done later";
}

TEST(ContractRedisFaults, CallsAndThoseWithoutAnAnswerAreCounted) {
  RedisServer server;
  metrics::Histogram took(metrics::request_seconds);
  metrics::Counter failed;
  auto settings = usual(server);
  settings.call_seconds = &took;
  settings.failed_calls = &failed;
  RedisNode node(settings);
  ASSERT_TRUE(comes_back(node));
  const auto before = took.read().cumulative.back();
  const auto failed_before = failed.value();
  server.kill();
  EXPECT_FALSE(node.call({"PING"}));
  EXPECT_EQ(took.read().cumulative.back(), before + 1);
  EXPECT_EQ(failed.value(), failed_before + 1);
}

TEST(ContractRedisFaults, Hanging) {
  RedisServer server;
  RedisNode node(usual(server));
  ASSERT_TRUE(comes_back(node));
  server.pause();
  expect_fails_open(node, "login:a");
  for (int i = 0; i < 1000; ++i) {
    const auto lock = node.try_lock("k" + std::to_string(i), "a");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Errc::unavailable) << "sent to a server that is known to hang, and waited for";
  }
  server.resume();
  EXPECT_TRUE(comes_back(node));
}

TEST(ContractRedisFaults, AnswersThatComeTooLateAreGivenToNobodyElse) {
  RedisServer server;
  redis::ClientSettings settings = usual(server);
  RedisNode node(settings);
  ASSERT_TRUE(comes_back(node));
  server.pause();
  EXPECT_EQ(node.call({"ECHO", "late"}).error().code, Errc::outcome_unknown);
  server.resume();
  ASSERT_TRUE(comes_back(node));
  for (int i = 0; i < 50; ++i) {
    const std::string word = "word " + std::to_string(i);
    if (const auto reply = node.call({"ECHO", word})) EXPECT_EQ(reply->text, word);
  }
}

TEST(ContractRedisFaults, RestartedEmpty) {
  RedisServer server;
  RedisNode node(RedisNode::patient(server));
  ASSERT_TRUE(node.try_lock("k", "a").value());
  server.kill();
  server.start();
  ASSERT_TRUE(comes_back(node));
  EXPECT_FALSE(node.unlock("k", "a").value());
  EXPECT_TRUE(node.try_lock("k", "b").value()) << "the lock went with the server; the claim in the store decides";
}

TEST(ContractRedisFaults, Flushed) {
  RedisServer server;
  RedisNode node(RedisNode::patient(server));
  ASSERT_TRUE(node.try_lock("k", "a").value());
  EXPECT_TRUE(take(node, "login:a").allowed);
  EXPECT_FALSE(take(node, "login:a").allowed);
  server.command({"FLUSHALL"});
  EXPECT_FALSE(node.unlock("k", "a").value());
  EXPECT_TRUE(take(node, "login:a").allowed);
}

TEST(ContractRedisFaults, KilledWhileCommandsAreUnderWay) {
  RedisServer server;
  RedisNode node(RedisNode::patient(server));
  ASSERT_TRUE(node.call({"PING"}));
  server.pause();
  std::vector<std::future<Result<bool>>> under_way;
  for (int i = 0; i < 20; ++i)
    under_way.push_back(std::async(std::launch::async, [&, i] { return node.try_lock("k" + std::to_string(i), "a"); }));
  server.kill();
  for (auto& lock : under_way) EXPECT_FALSE(lock.get()) << "ended by the connection's end, not by the patience of half a minute";
  server.start();
  ASSERT_TRUE(comes_back(node));
  EXPECT_TRUE(node.try_lock("k1", "b").value());
}

TEST(ContractRedisFaults, AHolderThatWasPausedFreesNobodyElsesLock) {
  RedisServer server;
  RedisNode paused(server);
  RedisNode other(server);
  ASSERT_TRUE(paused.try_lock("k", "a", milliseconds(30)).value());
  const auto end = steady_clock::now() + seconds(30);
  while (!other.try_lock("k", "b").value()) ASSERT_LT(steady_clock::now(), end) << "the lock does not end";
  EXPECT_FALSE(paused.unlock("k", "a").value());
  EXPECT_FALSE(run_task(paused.locks().renew("k", "a", seconds(60), some_deadline())).value());
  EXPECT_TRUE(other.is_locked("k").value());
  EXPECT_TRUE(other.unlock("k", "b").value());
}

TEST(ContractRedisFaults, NodesShareLocksAndBuckets) {
  RedisServer server;
  RedisNode one(server);
  RedisNode two(server);
  EXPECT_TRUE(one.try_lock("k", "a").value());
  EXPECT_FALSE(two.try_lock("k", "b").value());
  EXPECT_TRUE(take(one, "login:a").allowed);
  EXPECT_FALSE(take(two, "login:a").allowed);
}

TEST(ContractRedisFaults, ManyCommandsAtOnceAndNoMoreThanItHasRoomFor) {
  RedisServer server;
  redis::ClientSettings settings = RedisNode::patient(server);
  settings.calls_max = 64;
  RedisNode node(settings);
  ASSERT_TRUE(node.call({"PING"}));
  server.pause();
  std::vector<std::future<Result<redis::Reply>>> calls;
  boost::asio::io_context context;
  for (int i = 0; i < 65; ++i) {
    const std::string word = std::to_string(i);
    calls.push_back(boost::asio::co_spawn(context, node.client().call({"ECHO", word}, some_deadline()), boost::asio::use_future));
  }
  std::thread running([&] { context.run(); });
  std::size_t refused = 65;
  for (const auto end = steady_clock::now() + seconds(20); refused == 65 && steady_clock::now() < end;) {
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (calls[i].wait_for(seconds(0)) == std::future_status::ready) refused = i;
  }
  server.resume();
  running.join();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto reply = calls[i].get();
    if (i == refused)
      EXPECT_EQ(reply.error().code, Errc::overloaded);
    else
      EXPECT_EQ(reply.value().text, std::to_string(i));
  }
}

TEST(ContractRedisFaults, AServerThatRefusesUsSaysWhy) {
  RedisServer server({"--requirepass", "right"});
  RedisNode nobody(server);
  EXPECT_NE(nobody.call({"PING"}).error().message.find("NOAUTH"), std::string::npos);
  auto settings = RedisNode::patient(server);
  settings.password = "a-wrong-password";
  RedisNode wrong(settings);
  const auto refused = wrong.call({"PING"});
  EXPECT_NE(refused.error().message.find("WRONGPASS"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().message.find("a-wrong-password"), std::string::npos);
  settings.password = "right";
  EXPECT_TRUE(RedisNode(settings).call({"PING"}));
}

TEST(ContractRedisFaults, AUserWhoMayDoNoMoreThanTheDocumentSays) {
  RedisServer server({"--user", "edda", "on", ">secret", "~lock:*", "~rate:*", "+@connection", "+set", "+get", "+del", "+exists",
                      "+pexpire", "+time", "+eval", "--user", "default", "off"});
  redis::ClientSettings settings = RedisNode::patient(server);
  settings.user = "edda";
  settings.password = "secret";
  settings.database = 3;
  RedisNode node(settings);
  const auto info = node.call({"CLIENT", "INFO"}).value().text;
  EXPECT_NE(info.find(" db=3 "), std::string::npos) << info;
  EXPECT_NE(info.find(" user=edda "), std::string::npos) << info;
  EXPECT_TRUE(node.try_lock("lock:k", "a").value());
  EXPECT_TRUE(run_task(node.locks().renew("lock:k", "a", seconds(60), some_deadline())).value());
  EXPECT_TRUE(node.is_locked("lock:k").value());
  EXPECT_TRUE(node.unlock("lock:k", "a").value());
  RedisNode another(settings);
  EXPECT_TRUE(take(node, "login:a").allowed);
  EXPECT_FALSE(take(another, "login:a").allowed) << "the bucket is not in Redis";
  EXPECT_FALSE(node.call({"FLUSHALL"}));
}

TEST(ContractRedisFaults, ACommandThatTheServerRefusesEndsNothing) {
  RedisServer server;
  RedisNode node(server);
  const auto refused = node.call({"NOSUCHCOMMAND"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_TRUE(node.call({"PING"}));
}

/// A certificate of an authority of its own, for "localhost".
void make_certificate(const std::string& folder) {
  const std::string command = fmt::format(
      "openssl req -x509 -newkey rsa:2048 -nodes -keyout {0}/key.pem -out {0}/certificate.pem -days 2 -subj /CN=localhost"
      " -addext subjectAltName=DNS:localhost >/dev/null 2>&1",
      folder);
  ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST(ContractRedisFaults, TlsIsSpokenToWhomTheMachineTrusts) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path().string();
  make_certificate(path);
  const auto tls_port = testing_support::free_port();
  RedisServer server({"--tls-port", std::to_string(tls_port), "--tls-cert-file", path + "/certificate.pem", "--tls-key-file",
                      path + "/key.pem", "--tls-auth-clients", "no"});
  redis::ClientSettings settings = RedisNode::patient(server);
  settings.host = "localhost";
  settings.port = tls_port;
  settings.tls = true;
  const auto distrusted = RedisNode(settings).call({"PING"});
  ASSERT_FALSE(distrusted);
  EXPECT_NE(distrusted.error().message.find("TLS"), std::string::npos) << distrusted.error().message;
  settings.ca_file = path + "/certificate.pem";
  EXPECT_TRUE(RedisNode(settings).call({"PING"}));
  settings.host = "127.0.0.1";
  EXPECT_FALSE(RedisNode(settings).call({"PING"})) << "the certificate names another host";
  settings.ca_file = path + "/none.pem";
  boost::asio::io_context context;
  system::SystemClock clock;
  EXPECT_EQ(redis::Client::open(context.get_executor(), clock, settings).error().where, "redis.ca_file");
}

}  // namespace
}  // namespace edda
