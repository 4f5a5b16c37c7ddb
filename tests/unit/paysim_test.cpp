#include <boost/asio/ip/tcp.hpp>

#include "http/raw_client.hpp"
#include "support/paysim_server.hpp"

namespace edda::paysim {
namespace {

using saga::Outcome;
using testing_support::PaysimServer;
using testing_support::run_task;
using testing_support::some_deadline;

const std::string paid_key = "s1/pay/forward";

/// Faults that hit every send, or every key.
Options faulty(gateway::PaysimFaults faults) {
  Options options = PaysimServer::at_once();
  options.faults = faults;
  return options;
}

TEST(UnitPaysim, KeysAndEffectsSurviveARestart) {
  PaysimServer server;
  const auto charged = server.charge(paid_key);
  server.restart();
  EXPECT_EQ(server.charge(paid_key).reference, charged.reference);
  EXPECT_EQ(server.lookup(paid_key).reference, charged.reference);
  EXPECT_EQ(server.ledger().size(), 1U);
}

TEST(UnitPaysim, DeclinesWhatTheSimulatorDeclines) {
  Options options = PaysimServer::at_once();
  options.simulator.success_rate = 0;
  PaysimServer server(options);
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::declined);
  EXPECT_EQ(server.lookup(paid_key).outcome, Outcome::declined);
}

TEST(UnitPaysim, AnActThatIsNotAnsweredIsUnknownAndFoundByItsKey) {
  PaysimServer server(faulty({.timeout_rate = 1}));
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::unknown);
  EXPECT_EQ(server.lookup(paid_key).outcome, Outcome::succeeded);
  EXPECT_EQ(server.ledger().size(), 1U);
}

TEST(UnitPaysim, AnActThatIsAnswered500IsUnknownAndFoundByItsKey) {
  PaysimServer server(faulty({.error_rate = 1}));
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::unknown);
  EXPECT_EQ(server.lookup(paid_key).outcome, Outcome::succeeded);
}

TEST(UnitPaysim, ARefusalIsFailedEachTimeForEachIsAnotherAnswer) {
  PaysimServer server(faulty({.refuse_rate = 1}));
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::failed);
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::failed);
  EXPECT_EQ(server.lookup(paid_key).outcome, Outcome::unknown);
  EXPECT_TRUE(server.ledger().empty());
}

TEST(UnitPaysim, AStoredErrorIsReplayedToTheByteAcrossARestart) {
  PaysimServer server(faulty({.stored_error_rate = 1}));
  const auto ask = [&] {
    http::RawClient client(static_cast<std::uint16_t>(std::stoi(server.url().substr(17))));
    client.send("POST /v1/charges HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: " + paid_key +
                "\r\nContent-Length: 60\r\n\r\n" + R"({"amount":{"amount":1999,"currency":"USD"},"product_ids":[]} )");
    const std::string answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500")) << answer;
    return answer.substr(answer.find("\r\n\r\n"));
  };
  const std::string first = ask();
  EXPECT_EQ(ask(), first);
  server.restart();
  EXPECT_EQ(ask(), first);
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::unknown);
}

TEST(UnitPaysim, StoredErrorsActForSomeKeysAndNotForOthers) {
  PaysimServer server(faulty({.stored_error_rate = 1}));
  constexpr std::size_t keys = 40;
  for (std::size_t i = 0; i < keys; ++i) server.charge("s" + std::to_string(i) + "/pay/forward");
  const std::size_t acted = server.ledger().size();
  EXPECT_GT(acted, 0U);
  EXPECT_LT(acted, keys);
}

TEST(UnitPaysim, AForgottenKeyActsASecondTimeAndTheLedgerShowsIt) {
  Options options = PaysimServer::at_once();
  options.forget_keys_after = milliseconds(0);
  PaysimServer server(options);
  const auto first = server.charge(paid_key);
  EXPECT_EQ(server.lookup(paid_key).outcome, Outcome::unknown);
  const auto second = server.charge(paid_key);
  EXPECT_NE(second.reference, first.reference);
  ASSERT_EQ(server.ledger().size(), 2U);
  EXPECT_EQ(server.ledger()[1].key, paid_key + "~1");
  server.restart();
  EXPECT_NE(server.charge(paid_key).reference, first.reference);
  EXPECT_EQ(server.ledger().back().key, paid_key + "~2");
}

TEST(UnitPaysim, WithoutTheSecretNothingIsDone) {
  Options options = PaysimServer::at_once();
  options.secret = "the-secret";
  PaysimServer server(options);
  EXPECT_EQ(server.charge(paid_key).outcome, Outcome::succeeded);
  gateway::HttpGateway stranger(server.context().get_executor(), server.clock(),
                                {.endpoint = gateway::parse_endpoint(server.url()).value(), .secret = "a-guess"});
  EXPECT_EQ(run_task(stranger.charge({"s2/pay/forward", Money{1}, {}}, some_deadline())).outcome, Outcome::failed);
  EXPECT_EQ(run_task(stranger.lookup({paid_key}, some_deadline())).outcome, Outcome::unknown);
  EXPECT_EQ(server.ledger().size(), 1U);
}

TEST(UnitPaysim, NobodyThereIsFailedForNothingWasSent) {
  PaysimServer server;
  const std::string url = server.url();
  ASSERT_EQ(server.charge(paid_key).outcome, Outcome::succeeded);
  gateway::HttpGateway other(server.context().get_executor(), server.clock(), {.endpoint = gateway::parse_endpoint(url).value()});
  ASSERT_EQ(run_task(other.lookup({paid_key}, some_deadline())).outcome, Outcome::succeeded) << "it keeps a connection";
  server.stop();
  EXPECT_EQ(run_task(other.charge({paid_key, Money{1999}, {}}, some_deadline())).outcome, Outcome::failed);
  EXPECT_EQ(run_task(other.lookup({paid_key}, some_deadline())).outcome, Outcome::unknown);
}

TEST(UnitPaysim, AConnectionThatBreaksAfterTheRequestWasSentIsUnknown) {
  boost::asio::io_context listening;
  boost::asio::ip::tcp::acceptor acceptor(listening, {boost::asio::ip::make_address("127.0.0.1"), 0});
  std::thread breaker([&] {
    auto socket = acceptor.accept();
    std::array<char, 1024> some{};
    socket.read_some(boost::asio::buffer(some));
  });
  PaysimServer server;
  const auto url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  gateway::HttpGateway cut(server.context().get_executor(), server.clock(), {.endpoint = gateway::parse_endpoint(url).value()});
  EXPECT_EQ(run_task(cut.charge({paid_key, Money{1}, {}}, some_deadline())).outcome, Outcome::unknown);
  breaker.join();
}

TEST(UnitPaysim, ACallThatNeverGetsAConnectionIsFailed) {
  Options options = faulty({.timeout_rate = 1});
  PaysimServer server(options);
  gateway::HttpGateway narrow(server.context().get_executor(), server.clock(),
                              {.endpoint = gateway::parse_endpoint(server.url()).value(), .connections_max = 1});
  boost::asio::io_context context;
  const auto charge = [&](const std::string& under, milliseconds patience) {
    return boost::asio::co_spawn(context, narrow.charge({under, Money{1}, {}}, server.clock().deadline_in(patience)),
                                 boost::asio::use_future);
  };
  auto first = charge("s1/pay/forward", milliseconds(1'000));
  auto second = charge("s2/pay/forward", milliseconds(100));
  context.run();
  EXPECT_EQ(first.get().outcome, Outcome::unknown);
  EXPECT_EQ(second.get().outcome, Outcome::failed);
  EXPECT_EQ(server.ledger().size(), 1U);
}

TEST(UnitPaysim, MoreCallsThanConnectionsWaitTheirTurn) {
  Options options = PaysimServer::at_once();
  options.simulator.latency_min = options.simulator.latency_max = milliseconds(5);
  PaysimServer server(options);
  gateway::HttpGateway narrow(server.context().get_executor(), server.clock(),
                              {.endpoint = gateway::parse_endpoint(server.url()).value(), .connections_max = 2});
  boost::asio::io_context context;
  std::vector<std::future<GatewayAnswer>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(boost::asio::co_spawn(
        context, narrow.charge({"s" + std::to_string(i) + "/pay/forward", Money{1}, {}}, some_deadline()), boost::asio::use_future));
  context.run();
  for (auto& answer : answers) EXPECT_EQ(answer.get().outcome, Outcome::succeeded);
  EXPECT_EQ(server.ledger().size(), 20U);
}

TEST(UnitPaysim, ReadsItsCommandLine) {
  const auto options = parse_options({"--port", "0", "--success-rate", "0.5", "--act-then-500-rate", "0.25", "--seed", "7",
                                      "--forget-keys-after-ms", "60000", "--webhook-late-max-ms", "10"})
                           .value();
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.simulator.success_rate, 0.5);
  EXPECT_EQ(options.faults.error_rate, 0.25);
  EXPECT_EQ(options.faults.seed, 7U);
  EXPECT_EQ(options.webhook_faults.seed, 7U);
  EXPECT_EQ(options.forget_keys_after, milliseconds(60'000));
  EXPECT_EQ(options.webhook_faults.late_max, milliseconds(10));
  EXPECT_EQ(parse_options({"--success-rate", "2"}).error().exit_code, 2);
  EXPECT_EQ(parse_options({"--sucess-rate", "1"}).error().exit_code, 2);
  EXPECT_EQ(parse_options({"--help"}).error().exit_code, 0);
}

}  // namespace
}  // namespace edda::paysim
