// A running server on loopback, and raw sockets that misbehave.
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <thread>

#include "http/server_fixture.hpp"

using namespace std::string_view_literals;

namespace edda::http {

namespace {

constexpr std::string_view get_ok = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view get_ok_and_close = "GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

std::string post(std::string_view target, std::string_view headers, std::string_view body = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace

class HttpHardening : public ServerFixture {
 protected:
  // What the server says to these bytes until it closes, and that it closes.
  std::string exchange(std::string_view bytes) {
    RawClient client(port());
    client.send(bytes);
    return client.read_to_end();
  }
  void expect_refused(int status, std::string_view bytes) {
    const std::string answer = exchange(std::string(bytes) + std::string(get_ok));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << answer << "\nfor\n" << bytes;
    EXPECT_EQ(count(answer, "HTTP/1.1 "), 1U) << "what follows a refused request must not be answered\n" << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
};

TEST_F(HttpHardening, AnswersAPlainRequestAndKeepsTheConnection) {
  start();
  RawClient client(port());
  client.send(get_ok);
  const std::string first = client.read_answer();
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_NE(first.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(first.find("X-Request-Id: "), std::string::npos);
  EXPECT_NE(first.find("Date: "), std::string::npos);
  EXPECT_TRUE(first.ends_with("\r\n\r\nok"));
  client.send(get_ok_and_close);
  EXPECT_TRUE(client.read_to_end().ends_with("ok"));
}

TEST_F(HttpHardening, RefusesSmuggling) {
  start();
  expect_refused(400, post("/echo", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  expect_refused(400, post("/echo", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"));
  expect_refused(501, post("/echo", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "12345"));
  expect_refused(501, post("/echo", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"));
  expect_refused(501, post("/echo", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"));
  expect_refused(400, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  expect_refused(400, post("/echo", "Content-Length: 5\r\nContent-Length: 5\r\n", "12345"));
  expect_refused(400, post("/echo", "Content-Length: 5, 5\r\n", "12345"));
  expect_refused(400, post("/echo", "Content-Length: +5\r\n", "12345"));
  expect_refused(400, post("/echo", "Content-Length: 0x5\r\n", "12345"));
  expect_refused(400, post("/echo", "Content-Length: 00000000000000000005\r\n", "12345"));
  expect_refused(400, "GET /ok HTTP/1.1\r\n\r\n");
  expect_refused(400, "GET /ok HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  expect_refused(400, "GET http://me:secret@a/ok HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_refused(400, "GET /ok HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n");
  expect_refused(400, "GET /ok HTTP/1.1\nHost: a\n\n");
  expect_refused(400, "GET /ok HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv);
  expect_refused(400, "GET /ok HTTP/1.1\r\nHost : a\r\n\r\n");
}

TEST_F(HttpHardening, BoundsHeadAndAddress) {
  start();
  expect_refused(431, "GET /ok HTTP/1.1\r\nHost: a\r\nX: " + std::string(40 * 1024, 'x') + "\r\n\r\n");
  std::string many = "GET /ok HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 10'000; ++i) many += "X: 1\r\n";
  expect_refused(431, many + "\r\n");
  expect_refused(414, "GET /" + std::string(9 * 1024, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_F(HttpHardening, BoundsBodiesBeforeReadingThem) {
  start();
  const std::string refused = exchange(post("/echo", "Content-Length: 2000000\r\n"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 ")) << refused;
  EXPECT_TRUE(refused.ends_with(R"({"message":"request entity too large","statusCode":413})")) << refused;
  EXPECT_TRUE(exchange(post("/v1/echo", "Content-Length: 2000000\r\n")).starts_with("HTTP/1.1 413 "));

  std::string chunks;
  for (int i = 0; i < 200; ++i) chunks += "400\r\n" + std::string(1024, 'x') + "\r\n";
  EXPECT_TRUE(exchange(post("/echo", "Transfer-Encoding: chunked\r\n", chunks)).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(exchange(post("/echo", "Transfer-Encoding: chunked\r\n", "5;" + std::string(100'000, 'x')))
                  .starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpHardening, ReadsBodiesUpToTheBoundOfTheirInterface) {
  start();
  const std::string body(100 * 1024, 'x');
  RawClient client(port());
  client.send(post("/echo", "Content-Length: " + std::to_string(body.size()) + "\r\n", body));
  EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\n102400"));
  client.send(post("/v1/echo", "Content-Length: 1048576\r\n", std::string(1024 * 1024, 'x')));
  EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\n1048576"));
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "3;a=b\r\nabc\r\n";
  client.send(post("/echo", "Transfer-Encoding: chunked\r\n", chunks + "0\r\nX-Forged: 1\r\n\r\n"));
  EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\n300"));
  client.send(get_ok);
  EXPECT_TRUE(client.read_answer().ends_with("ok"));
}

TEST_F(HttpHardening, RefusesAmbiguousChunks) {
  start();
  for (const char* chunks :
       {"5\n12345\r\n0\r\n\r\n", "5;a\nb\r\n12345\r\n0\r\n\r\n", "5\r\n12345XX0\r\n\r\n", "5\r\n12345\n0\r\n\r\n",
        "5\r\n12345\r\n0\r\nXX\r\n", "0x5\r\n12345\r\n0\r\n\r\n", "-5\r\n12345\r\n0\r\n\r\n",
        " 5\r\n12345\r\n0\r\n\r\n", "5 \r\n12345\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n12345\r\n0\r\n\r\n",
        "\r\n12345\r\n0\r\n\r\n", "5\r\n12345\r\n0\r\nX: 1\nY: 2\r\n\r\n"}) {
    expect_refused(400, post("/echo", "Transfer-Encoding: chunked\r\n", chunks));
  }
}

TEST_F(HttpHardening, ContinuesWhereTheClientWaits) {
  start();
  RawClient client(port());
  client.send(post("/echo", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\n3"));
}

TEST_F(HttpHardening, AnswersPipelinedRequestsInOrder) {
  start();
  std::string requests;
  for (int i = 0; i < 1'000; ++i) requests += "GET /n/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  requests += get_ok_and_close;
  RawClient client(port());
  std::thread sender([&] { client.send(requests); });
  const std::string answers = client.read_to_end();
  sender.join();
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 1'001U);
  std::size_t at = 0;
  for (int i = 0; i < 1'000 && at != std::string::npos; ++i) at = answers.find("\r\n\r\nn=" + std::to_string(i), at);
  EXPECT_NE(at, std::string::npos);
}

TEST_F(HttpHardening, AnswersHeadWithoutABody) {
  start();
  RawClient client(port());
  client.send("HEAD /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpHardening, KnowsNoTraceAndNoConnect) {
  start();
  RawClient client(port());
  client.send("TRACE /ok HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string trace = client.read_answer();
  EXPECT_TRUE(trace.starts_with("HTTP/1.1 405 ")) << trace;
  EXPECT_NE(trace.find("Allow: GET, HEAD"), std::string::npos);
  EXPECT_TRUE(exchange("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").starts_with("HTTP/1.1 405 "));
}

TEST_F(HttpHardening, EchoesSaneRequestIdsOnly) {
  start();
  RawClient client(port());
  client.send("GET /ok HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1.2_3\r\n\r\n");
  EXPECT_NE(client.read_answer().find("X-Request-Id: abc-1.2_3\r\n"), std::string::npos);
  client.send("GET /ok HTTP/1.1\r\nHost: a\r\nX-Request-Id: <script>\r\n\r\n");
  EXPECT_EQ(client.read_answer().find("script"), std::string::npos);
}

TEST_F(HttpHardening, LetsNoHeaderValueForgeAnother) {
  start();
  RawClient client(port());
  client.send("GET /forge HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(client.read_answer().find("X-Name: a  Set-Cookie: b\r\n"), std::string::npos);
}

TEST_F(HttpHardening, ClosesSlowHeadsAndBodies) {
  limits.head_timeout = limits.body_timeout = std::chrono::milliseconds(50);
  start();
  EXPECT_EQ(exchange(""), "");
  EXPECT_TRUE(exchange("GET /ok HTTP/1.1\r\nHo").starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(exchange(post("/echo", "Content-Length: 10\r\n", "123")).starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(exchange(post("/echo", "Transfer-Encoding: chunked\r\n", "5\r\nab")).starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpHardening, ClosesIdleConnections) {
  limits.idle_timeout = std::chrono::milliseconds(50);
  start();
  RawClient client(port());
  client.send(get_ok);
  EXPECT_TRUE(client.read_to_end().ends_with("ok"));
}

TEST_F(HttpHardening, DropsSlowReaders) {
  limits.write_timeout = std::chrono::milliseconds(100);
  start();
  RawClient client(port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until([](const ServerCounts& counts) { return counts.slow_readers_dropped == 1; });
  EXPECT_LT(client.read_to_end().size(), large_answer_bytes);
}

TEST_F(HttpHardening, TurnsAwayConnectionsBeyondTheBound) {
  limits.connections_max = 2;
  start();
  RawClient first(port());
  RawClient second(port());
  first.send(get_ok);
  second.send(get_ok);
  first.read_answer();
  second.read_answer();
  for (int i = 0; i < 300; ++i) {
    const std::string refused = RawClient(port()).read_to_end();
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
    EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos);
  }
  first.send(get_ok);
  EXPECT_TRUE(first.read_answer().ends_with("ok"));
  first.close();
  wait_until([](const ServerCounts& counts) { return counts.connections == 1; });
  RawClient third(port());
  third.send(get_ok);
  EXPECT_TRUE(third.read_answer().ends_with("ok"));
}

TEST_F(HttpHardening, BoundsRequestsInFlight) {
  limits.requests_in_flight_max = 1;
  start();
  RawClient waiting(port());
  waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until([](const ServerCounts& counts) { return counts.requests_in_flight == 1; });
  RawClient other(port());
  other.send(get_ok);
  const std::string refused = other.read_answer();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  release_waiting();
  EXPECT_TRUE(waiting.read_answer().ends_with("waited"));
  other.send(get_ok);
  EXPECT_TRUE(other.read_answer().ends_with("ok"));
}

TEST_F(HttpHardening, StreamsChunksAndEndsThem) {
  start();
  RawClient client(port());
  // A head that ends like a body: "0\r\n\r\n".
  client.send("GET /stream HTTP/1.1\r\nHost: a\r\nX-Request-Id: b0\r\n\r\n");
  const std::string answer = client.read_until("\r\n0\r\n\r\n");
  EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n")) << answer;
  client.send(get_ok);
  EXPECT_TRUE(client.read_answer().ends_with("ok"));
}

TEST_F(HttpHardening, DropsSlowReadersOfStreams) {
  start();
  RawClient client(port());
  client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until([](const ServerCounts& counts) { return counts.slow_readers_dropped == 1; });
  client.read_to_end();
}

TEST_F(HttpHardening, DrainsOnStop) {
  start();
  RawClient idle(port());
  idle.send(get_ok);
  idle.read_answer();
  RawClient waiting(port());
  waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until([](const ServerCounts& counts) { return counts.requests_in_flight == 1; });
  RawClient stream(port());
  stream.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
  stream.read_until("data: first");

  begin_stop(std::chrono::seconds(60));
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_TRUE(stream.read_to_end().ends_with("0\r\n\r\n"));
  EXPECT_FALSE(RawClient::can_connect(port()));
  release_waiting();
  const std::string answer = waiting.read_to_end();
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("waited"));
  finish_stop();
}

TEST_F(HttpHardening, SendsClientsAwayBeforeAStopAndTakesNewOnes) {
  start();
  RawClient kept(port());
  kept.send(get_ok);
  EXPECT_EQ(kept.read_answer().find("Connection: close"), std::string::npos);
  announce_stop();
  RawClient fresh(port());
  for (RawClient* client : {&kept, &fresh}) {
    client->send(get_ok);
    const std::string answer = client->read_to_end();
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("ok")) << answer;
  }
}

TEST_F(HttpHardening, CancelsWhatOutlivesTheDrain) {
  start();
  RawClient waiting(port());
  waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  wait_until([](const ServerCounts& counts) { return counts.requests_in_flight == 1; });
  begin_stop(std::chrono::milliseconds(20));
  finish_stop();
  EXPECT_EQ(waiting.read_to_end(), "");
}

TEST_F(HttpHardening, SurvivesClientsThatVanish) {
  start();
  for (int i = 0; i < 50; ++i) {
    RawClient client(port());
    client.send(i % 2 == 0 ? "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n" : "GET /o");
    client.reset();
  }
  wait_until([](const ServerCounts& counts) { return counts.connections == 0; });
  RawClient client(port());
  client.send(get_ok);
  EXPECT_TRUE(client.read_answer().ends_with("ok"));
}

TEST_F(HttpHardening, SaysWhyItCannotListen) {
  start();
  EXPECT_EQ(try_second_server({.address = "127.0.0.1", .port = port()}).code, Errc::unavailable);
  EXPECT_EQ(try_second_server({.address = "localhost"}).code, Errc::invalid_argument);
  EXPECT_EQ(try_second_server({.trusted_proxies = {"10/x"}}).code, Errc::invalid_argument);
}

}  // namespace edda::http
