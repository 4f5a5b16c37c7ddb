#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "http/raw_client.hpp"
#include "http/server.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::http {

/// Larger than what the kernel buffers of both ends of a loopback connection hold.
inline constexpr std::size_t large_answer_bytes = std::size_t{64} << 20;

/// A server on loopback with a few plain routes, on a thread of its own.
class ServerFixture : public testing::Test {
 protected:
  ~ServerFixture() override {
    if (!server_) return;
    if (!stopping_.valid()) begin_stop(std::chrono::milliseconds(0));
    finish_stop();
  }

  void start();
  std::uint16_t port() const { return server_->port(); }
  ServerCounts counts() {
    return on_thread<ServerCounts>([this] { return server_->counts(); });
  }
  /// Returns once `condition` holds; fails the test after a minute.
  void wait_until(const std::function<bool(const ServerCounts&)>& condition);

  /// Lets the handlers of "/wait" answer.
  void release_waiting();

  void announce_stop();
  void begin_stop(std::chrono::milliseconds drain);
  void finish_stop();
  /// The error with which a server of these options does not start.
  Error try_second_server(ServerOptions options);

  ServerLimits limits;

 private:
  template <class T>
  T on_thread(std::function<T()> work);
  void add_routes();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(context_);
  boost::asio::steady_timer gate_{context_, SteadyTime::max()};
  system::SystemClock clock_;
  system::SystemRandom random_;
  Router router_;
  std::unique_ptr<Server> server_;
  std::future<void> stopping_;
  std::thread thread_;
};

}  // namespace edda::http
