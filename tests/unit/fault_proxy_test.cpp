#include "fault_proxy/proxy.hpp"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

namespace edda::fault_proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

const auto loopback = asio::ip::make_address("127.0.0.1");

/// A proxy on a thread of its own, in front of a listener that the test answers for.
class UnitFaultProxy : public testing::Test {
 protected:
  UnitFaultProxy() : listener(blocking, {loopback, 0}) {
    const Options options{.listen = {"127.0.0.1", 0}, .to = {"127.0.0.1", listener.local_endpoint().port()}, .control = {"127.0.0.1", 0}, .seed = 3};
    proxy = Proxy::open(context.get_executor(), options).value();
    proxy->start();
    thread = std::thread([this] { context.run(); });
  }
  ~UnitFaultProxy() override {
    asio::post(context, [this] { proxy->stop(); });
    thread.join();  // its loop ends by itself: nothing is left behind
  }

  struct Pair {
    tcp::socket client;
    tcp::socket server;
  };
  tcp::socket dial() {
    tcp::socket client(blocking);
    client.connect({loopback, proxy->port()});
    return client;
  }
  Pair connect() {
    tcp::socket client = dial();
    return {std::move(client), listener.accept()};
  }
  std::string tell(const std::string& line) {
    tcp::socket socket(blocking);
    socket.connect({loopback, proxy->control_port()});
    asio::write(socket, asio::buffer(line + "\n"));
    std::string answer;
    Code end;
    asio::read(socket, asio::dynamic_buffer(answer), end);
    return answer;
  }

  asio::io_context blocking;
  asio::io_context context{1};
  tcp::acceptor listener;
  std::unique_ptr<Proxy> proxy;
  std::thread thread;
};

std::string take(tcp::socket& socket, std::size_t count) {
  std::string bytes(count, '\0');
  Code code;
  bytes.resize(asio::read(socket, asio::buffer(bytes), code));
  return bytes;
}

/// All that comes until the end, and what the end was.
std::pair<std::string, Code> take_all(tcp::socket& socket) {
  std::string bytes;
  Code code;
  asio::read(socket, asio::dynamic_buffer(bytes), code);
  return {bytes, code};
}

void give(tcp::socket& socket, const std::string& bytes) { asio::write(socket, asio::buffer(bytes)); }

/// What has arrived by now.
std::size_t waiting(tcp::socket& socket) { return socket.available(); }

TEST_F(UnitFaultProxy, PassesBothWaysAndBothEnds) {
  auto [client, server] = connect();
  const std::string large(300'000, 'x');
  std::thread sender([&client, &large] { give(client, large); });
  EXPECT_EQ(take(server, large.size()), large);
  sender.join();
  client.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(take_all(server).second, asio::error::eof);
  give(server, "still answered");
  server.close();
  const auto [answer, end] = take_all(client);
  EXPECT_EQ(answer, "still answered");
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(UnitFaultProxy, CutResetsEveryConnectionAndTakesNewOnes) {
  auto one = connect();
  auto two = connect();
  give(one.client, "a");
  EXPECT_EQ(take(one.server, 1), "a");
  EXPECT_TRUE(tell("cut").starts_with("ok"));
  for (auto* socket : {&one.client, &one.server, &two.client, &two.server})
    EXPECT_EQ(take_all(*socket).second, asio::error::connection_reset);
  auto three = connect();
  give(three.client, "b");
  EXPECT_EQ(take(three.server, 1), "b");
}

TEST_F(UnitFaultProxy, StallHoldsDataEndsAndNewConnectionsUntilPass) {
  auto held = connect();
  auto broken = connect();
  tell("stall");
  give(held.client, "late");
  give(held.server, "answer");
  broken.client.close();
  tcp::socket newcomer = dial();
  give(newcomer, "hello");
  // Another command is another turn of the proxy's loop: what could pass would have.
  for (int i = 0; i < 20; ++i) tell("status");
  listener.non_blocking(true);
  Code nobody;
  tcp::socket unexpected = listener.accept(nobody);
  EXPECT_EQ(nobody, asio::error::would_block);
  listener.non_blocking(false);
  EXPECT_EQ(waiting(held.server), 0U);
  EXPECT_EQ(waiting(held.client), 0U);
  broken.server.non_blocking(true);
  char byte = 0;
  Code not_ended;
  broken.server.read_some(asio::buffer(&byte, 1), not_ended);
  EXPECT_EQ(not_ended, asio::error::would_block) << "the end is held, too";
  broken.server.non_blocking(false);

  tell("pass");
  EXPECT_EQ(take(held.server, 4), "late");
  EXPECT_EQ(take(held.client, 6), "answer");
  EXPECT_EQ(take_all(broken.server).second, asio::error::eof);
  tcp::socket reached = listener.accept();
  EXPECT_EQ(take(reached, 5), "hello");
}

TEST_F(UnitFaultProxy, AStalledConnectionCanBeCut) {
  auto [client, server] = connect();
  tell("stall");
  give(client, "never");
  tell("cut");
  EXPECT_EQ(take_all(client).second, asio::error::connection_reset);
  EXPECT_EQ(take_all(server).first, "");
}

TEST_F(UnitFaultProxy, RefusesNewConnectionsAndKeepsThePort) {
  auto [client, server] = connect();
  tell("refuse");
  tcp::socket refused(blocking);
  Code code;
  refused.connect({loopback, proxy->port()}, code);
  EXPECT_EQ(code, asio::error::connection_refused);
  Code taken;
  tcp::acceptor thief(blocking);
  thief.open(tcp::v4());
  thief.bind({loopback, proxy->port()}, taken);
  EXPECT_EQ(taken, asio::error::address_in_use);
  give(client, "x");
  EXPECT_EQ(take(server, 1), "x") << "the others go on";
  tell("pass");
  auto again = connect();
  for (int i = 0; i < 3; ++i) {
    give(again.client, "y");
    EXPECT_EQ(take(again.server, 1), "y");
    give(again.server, "z");
    EXPECT_EQ(take(again.client, 1), "z");
  }
}

TEST_F(UnitFaultProxy, CutsAfterExactlySoManyBytesUpwards) {
  auto old = connect();
  give(old.client, "before");
  EXPECT_EQ(take(old.server, 6), "before");
  tell("cut-after up 5");
  auto young = connect();
  for (auto* pair : {&old, &young}) {
    give(pair->server, "the other way is free");
    EXPECT_EQ(take(pair->client, 21), "the other way is free");
    give(pair->client, "123");
    EXPECT_EQ(take(pair->server, 3), "123");
    give(pair->client, "45678");
    EXPECT_EQ(take_all(pair->client).second, asio::error::connection_reset);
  }
  EXPECT_NE(tell("status").find("up=16"), std::string::npos) << tell("status");
}

TEST_F(UnitFaultProxy, CutsAfterExactlySoManyBytesDownwards) {
  tell("cut-after down 2");
  auto [client, server] = connect();
  give(server, "123");
  EXPECT_EQ(take_all(server).second, asio::error::connection_reset);
  EXPECT_NE(tell("status").find("down=2 "), std::string::npos) << tell("status");
}

TEST_F(UnitFaultProxy, AFateThatWasNotMetIsOverWithPass) {
  tell("cut-after up 4");
  auto [client, server] = connect();
  give(client, "123");
  EXPECT_EQ(take(server, 3), "123");
  tell("pass");
  give(client, "456");
  EXPECT_EQ(take(server, 3), "456");
}

TEST_F(UnitFaultProxy, ADelayHoldsBackAndLosesNothing) {
  tell("delay 30");
  auto [client, server] = connect();
  const auto since = std::chrono::steady_clock::now();
  give(client, "x");
  EXPECT_EQ(take(server, 1), "x");
  EXPECT_GE(std::chrono::steady_clock::now() - since, std::chrono::milliseconds(30));
}

TEST_F(UnitFaultProxy, DrawnHaltsLoseNothingAndDrawnCutsEndEveryConnection) {
  tell("random 1000 2");
  int cut = 0;
  for (int i = 0; i < 20; ++i) {
    auto [client, server] = connect();
    const std::string sent(50'000, 'z');
    std::thread sender([&client, &sent] {
      Code ignored;
      asio::write(client, asio::buffer(sent), ignored);
      client.shutdown(tcp::socket::shutdown_send, ignored);
    });
    const auto [arrived, end] = take_all(server);
    sender.join();
    EXPECT_LE(arrived.size(), sent.size());
    cut += end == asio::error::eof ? 0 : 1;
  }
  EXPECT_EQ(cut, 20) << "of fifty fates some cut";
  EXPECT_NE(tell("status").find("cut=20 "), std::string::npos) << tell("status");
}

TEST_F(UnitFaultProxy, NobodyBehindItIsAConnectionThatEnds) {
  listener.close();
  tcp::socket client = dial();
  EXPECT_TRUE(take_all(client).second);
}

TEST_F(UnitFaultProxy, WhatIsNoCommandChangesNothing) {
  EXPECT_TRUE(tell("stal").starts_with("error commands:"));
  EXPECT_EQ(tell(std::string(300, 'x')), "") << "no line is so long";
  EXPECT_NE(tell("status").find("faults: none"), std::string::npos);
}

TEST(UnitFaultProxyStart, SaysWhyItCannot) {
  asio::io_context context{1};
  tcp::acceptor taken(context, {loopback, 0});
  const auto port = taken.local_endpoint().port();
  const auto opened = Proxy::open(context.get_executor(), {.listen = {"127.0.0.1", port}, .to = {"127.0.0.1", 1}, .control = {"127.0.0.1", 0}});
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_EQ(Proxy::open(context.get_executor(), {.listen = {"nowhere", 0}, .to = {}, .control = {}}).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace edda::fault_proxy
