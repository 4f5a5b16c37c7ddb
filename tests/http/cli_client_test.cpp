#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <future>
#include <thread>

#include "cli/api.hpp"

namespace edda::cli {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;

/// Takes one connection, notes what it was asked, answers with fixed bytes, and then closes or keeps silent until the end.
class HttpCliClient : public testing::Test {
 protected:
  enum class After { closes, stays_silent };

  void serve(std::string bytes, After after = After::closes) {
    server_ = std::thread([this, bytes = std::move(bytes), after] {
      tcp::socket socket = acceptor_.accept();
      boost::asio::streambuf buffer;
      boost::asio::read_until(socket, buffer, "\r\n\r\n");
      asked_.assign(boost::asio::buffers_begin(buffer.data()), boost::asio::buffers_end(buffer.data()));
      boost::asio::write(socket, boost::asio::buffer(bytes));
      if (after == After::stays_silent) done_.get_future().wait();
    });
  }
  void TearDown() override {
    done_.set_value();
    if (server_.joinable()) server_.join();
  }

  HttpClient client(std::chrono::milliseconds timeout = std::chrono::seconds(10)) const {
    return HttpClient({"127.0.0.1", std::to_string(acceptor_.local_endpoint().port())}, timeout);
  }
  Api api() const { return Api(client(), config::Secret("the-token")); }
  std::string asked() {
    server_.join();
    return asked_;
  }

 private:
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::promise<void> done_;
  std::string asked_;
  std::thread server_;
};

TEST_F(HttpCliClient, SendsTokenBodyAndHeadersAndReadsJson) {
  serve("HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{\"id\":1}");
  const auto answer = api().post("/v1/orders", {{"a", 1}}, {{"Idempotency-Key", "k"}});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->at("id").as_int64(), 1);
  const std::string request = asked();
  EXPECT_THAT(request, HasSubstr("POST /v1/orders HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Bearer the-token\r\n"));
  EXPECT_THAT(request, HasSubstr("Idempotency-Key: k\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: 7\r\n"));
}

TEST_F(HttpCliClient, AProblemBecomesAnErrorThatSaysWhatToDo) {
  serve("HTTP/1.1 409 Conflict\r\nContent-Length: 81\r\n\r\n"
        R"({"status":409,"detail":"Already cancelled.","code":"gone","next":"Nothing left."})");
  const auto answer = api().get("/v1/orders/x");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::rejected);
  EXPECT_EQ(answer.error().message, "Already cancelled. Nothing left.");
  EXPECT_EQ(answer.error().reason, "gone");
}

TEST_F(HttpCliClient, NobodyListeningIsUnavailableAndSaysHowToStartOne) {
  boost::asio::io_context context;
  tcp::acceptor taken(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const auto port = taken.local_endpoint().port();
  taken.close();
  const auto answer = HttpClient({"127.0.0.1", std::to_string(port)}).request("GET", "/", {}, {});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("start one with ./run, or pass --url"));
}

TEST_F(HttpCliClient, ASilentServerIsGivenUpAndMayHaveActed) {
  serve("", After::stays_silent);
  const auto answer = client(std::chrono::milliseconds(100)).request("POST", "/", {}, "{}");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::outcome_unknown);
  EXPECT_THAT(answer.error().message, HasSubstr("did not answer in time"));
}

TEST_F(HttpCliClient, ABrokenAnswerMayHaveActed) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  const auto answer = client().request("GET", "/", {}, {});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::outcome_unknown);
}

TEST_F(HttpCliClient, WhatIsNoJsonIsNoEdda) {
  serve("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<hi>");
  const auto answer = api().get("/");
  ASSERT_FALSE(answer.has_value());
  EXPECT_THAT(answer.error().message, HasSubstr("is it an Edda?"));
}

TEST_F(HttpCliClient, EventsComeAsTheyAreSentUntilTheReaderHasEnough) {
  serve("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        "b\r\nevent: one\n\r\n9\r\ndata: 1\n\n\r\n15\r\nevent: two\ndata: 22\n\n\r\n", After::stays_silent);
  std::vector<std::string> seen;
  const auto done = api().events(
      "/v1/events/stream",
      [&](std::string_view type, std::string_view data) {
        seen.push_back(std::string(type) + "=" + std::string(data));
        return seen.size() < 2;
      },
      [] { return true; });
  EXPECT_TRUE(done.has_value());
  EXPECT_THAT(seen, testing::ElementsAre("one=1", "two=22"));
}

TEST_F(HttpCliClient, AnInterruptedReaderOfEventsEnds) {
  serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", After::stays_silent);
  const auto done = api().events("/v1/events/stream", [](auto, auto) { return true; }, [] { return false; });
  EXPECT_TRUE(done.has_value());
}

TEST_F(HttpCliClient, ARefusedStreamIsAnError) {
  serve("HTTP/1.1 404 Not Found\r\nContent-Length: 22\r\n\r\n{\"detail\":\"No order.\"}");
  const auto done = api().events("/v1/orders/x/stream", [](auto, auto) { return true; }, [] { return true; });
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, Errc::not_found);
  EXPECT_EQ(done.error().message, "No order.");
}

}  // namespace
}  // namespace edda::cli
