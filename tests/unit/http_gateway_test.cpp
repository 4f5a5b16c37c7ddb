#include "gateway/http_gateway.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "http/server.hpp"
#include "support/manual_clock.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::gateway {
namespace {

namespace asio = boost::asio;
using saga::Outcome;
using testing_support::some_deadline;

const std::string key = "s1/pay/forward";

/// A gateway that answers what the test says, all on one thread.
class UnitHttpGateway : public testing::Test {
 protected:
  UnitHttpGateway() {
    router.add({.method = http::Method::post, .path = "/pay/v1/charges", .name = "charge",
                .handler = [this](http::Request& request) { return answer(request); }});
    server = std::make_unique<http::Server>(context.get_executor(), router, clock, random, http::ServerOptions{});
    EXPECT_TRUE(server->start());
    HttpGatewaySettings settings;
    settings.endpoint = parse_endpoint(fmt::format("http://127.0.0.1:{}/pay/", server->port())).value();
    settings.secret = "the-secret";
    gateway = std::make_unique<HttpGateway>(context.get_executor(), clock, settings);
  }
  ~UnitHttpGateway() override {
    asio::co_spawn(context, server->stop(clock.deadline_in(milliseconds(0))), asio::detached);
    context.run();
  }

  Task<http::Response> answer(http::Request& request) {
    last_body = request.body;
    last_key = request.header("Idempotency-Key").value_or("");
    last_secret = request.header("Authorization").value_or("");
    last_trace = request.header("traceparent").value_or("");
    ++requests;
    if (hang) {
      asio::steady_timer never(context, std::chrono::hours(1));
      co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return http::json_text(status, body);
  }
  GatewayAnswer charge(const std::string& under = key) {
    std::optional<GatewayAnswer> got;
    asio::co_spawn(context, gateway->charge({under, Money{1999}, {"book"}, trace}, some_deadline()),
                   [&](std::exception_ptr, GatewayAnswer given) { got = std::move(given); });
    while (!got) context.run_one();
    return *got;
  }

  asio::io_context context{1};
  system::SystemClock clock;
  system::SystemRandom random;
  http::Router router;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<HttpGateway> gateway;
  int status = 200;
  std::string body = R"({"key":"s1/pay/forward","status":"succeeded","reference":"ref-1"})";
  std::string last_body;
  std::string last_key;
  std::string last_secret;
  std::string last_trace;
  int requests = 0;
  TraceContext trace;
  bool hang = false;
};

TEST_F(UnitHttpGateway, TellsOfTheTraceIfThereIsOne) {
  charge();
  EXPECT_EQ(last_trace, "");
  trace = {{0xAB}, {0x01}, true};
  charge();
  EXPECT_EQ(last_trace, to_traceparent(trace));
}

TEST_F(UnitHttpGateway, SendsWhatTheDocumentSays) {
  EXPECT_EQ(charge().outcome, Outcome::succeeded);
  EXPECT_EQ(last_body, R"({"amount":{"amount":1999,"currency":"USD"},"product_ids":["book"]})");
  EXPECT_EQ(last_key, key);
  EXPECT_EQ(last_secret, "Bearer the-secret");
}

/// Answers every request of the first connection, and takes no other.
Task<void> serve_one_connection(asio::ip::tcp::acceptor& acceptor, std::string answer) {
  auto socket = co_await acceptor.async_accept(asio::use_awaitable);
  acceptor.close();
  std::array<char, 4096> bytes{};
  boost::system::error_code gone;
  while (!gone) {
    co_await socket.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, gone));
    if (!gone) co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
  }
}

TEST_F(UnitHttpGateway, KeepsItsConnection) {
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
  HttpGatewaySettings settings;
  settings.endpoint = parse_endpoint(fmt::format("http://127.0.0.1:{}", acceptor.local_endpoint().port())).value();
  gateway = std::make_unique<HttpGateway>(context.get_executor(), clock, settings);
  asio::co_spawn(context,
                 serve_one_connection(acceptor, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)),
                 asio::detached);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(charge().outcome, Outcome::succeeded);
  gateway.reset();
}

TEST_F(UnitHttpGateway, TheSameErrorTwiceUnderOneKeyIsUnknownWhateverItSays) {
  status = 503;
  body = R"({"processed":false,"request_id":"r1"})";
  EXPECT_EQ(charge().outcome, Outcome::failed);
  EXPECT_EQ(charge().outcome, Outcome::unknown);
  body = R"({"processed":false,"request_id":"r2"})";
  EXPECT_EQ(charge().outcome, Outcome::failed) << "another answer";
  EXPECT_EQ(charge("s2/pay/forward").outcome, Outcome::failed) << "another key";
}

TEST_F(UnitHttpGateway, AnAnswerBeyondAllBoundsIsUnknown) {
  body = std::string(1'000'000, ' ');
  EXPECT_EQ(charge().outcome, Outcome::unknown);
  body = R"({"key":"s1/pay/forward","status":"succeeded","reference":"ref-1"})";
  EXPECT_EQ(charge().outcome, Outcome::succeeded) << "on another connection";
}

TEST_F(UnitHttpGateway, WhoeverIsCancelledEndsAtOnceAndItsPlaceIsFree) {
  hang = true;
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(context, gateway->charge({key, Money{1}, {}}, some_deadline()),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, GatewayAnswer given) {
                   ended = true;
                   EXPECT_NE(given.outcome, Outcome::failed) << "the request was sent";
                 }));
  while (requests == 0) context.run_one();
  cancel.emit(asio::cancellation_type::terminal);
  while (!ended) context.run_one();
  hang = false;
  EXPECT_EQ(charge().outcome, Outcome::succeeded);
}

}  // namespace
}  // namespace edda::gateway
