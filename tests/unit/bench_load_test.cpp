#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "bench/load.hpp"

namespace edda::bench {
namespace {

/// Answers each connection's first request, says that it was the last one, and waits for the client to close.
class ServerOfOneRequest {
 public:
  ServerOfOneRequest() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0) throw std::runtime_error("no port");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    thread_ = std::thread([this] { serve(); });
  }
  ~ServerOfOneRequest() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  sockaddr_in address{};
  std::atomic<int> answered = 0, asked_too_often = 0;

 private:
  void serve() {
    for (int client = ::accept(listener_, nullptr, nullptr); client >= 0; client = ::accept(listener_, nullptr, nullptr)) {
      constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
      std::array<char, 4096> request;
      if (::recv(client, request.data(), request.size(), 0) > 0 && ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) > 0) {
        ++answered;
        if (::recv(client, request.data(), request.size(), 0) > 0) ++asked_too_often;
      }
      ::close(client);
    }
  }

  int listener_;
  std::thread thread_;
};

TEST(UnitBenchLoad, AsksNothingOnAConnectionThatTheServerEnds) {
  ServerOfOneRequest server;
  LoadPlan plan;
  plan.address = server.address;
  plan.route = "/health";
  plan.with_token = false;
  plan.connections = 1;
  plan.warm_up = std::chrono::milliseconds(0);
  plan.duration = std::chrono::milliseconds(100);
  const auto result = run_load(plan);
  ASSERT_TRUE(result);
  EXPECT_GT(server.answered, 1);
  EXPECT_EQ(server.asked_too_often, 0);
  EXPECT_TRUE(result->errors.empty());
}

}  // namespace
}  // namespace edda::bench
