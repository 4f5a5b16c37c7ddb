#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gateway/http_gateway.hpp"
#include "paysim/paysim.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "system/clock.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::testing_support {

/// `edda paysim` on a free port of the loopback, on a thread of its own, and the gateway that speaks to it.
class PaysimServer {
 public:
  explicit PaysimServer(paysim::Options options = at_once()) : options_(std::move(options)) {
    options_.port = 0;
    options_.ledger = (folder_.path() / "paysim.ledger").string();
    thread_ = std::thread([this] { context_.run(); });
    start();
  }
  ~PaysimServer() {
    stop();
    work_.reset();
    thread_.join();
  }

  static paysim::Options at_once() {
    paysim::Options options;
    options.simulator = {.success_rate = 1, .latency_min = milliseconds(0), .latency_max = milliseconds(0)};
    return options;
  }

  /// The same ledger, another process as it were.
  void restart() {
    stop();
    start();
  }
  void stop() {
    on_thread([this]() -> Task<void> {
      gateway_.reset();
      if (paysim_) co_await paysim_->stop();
      paysim_.reset();
    });
  }

  PaymentGateway& gateway() { return *gateway_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  boost::asio::io_context& context() { return context_; }
  system::SystemClock& clock() { return clock_; }

  std::vector<LedgerEntry> ledger() {
    std::vector<LedgerEntry> entries;
    on_thread([&]() -> Task<void> {
      auto read = co_await paysim_->ledger().read(0, 1000, some_deadline());
      EXPECT_TRUE(read);
      if (read) entries = *std::move(read);
    });
    return entries;
  }

  GatewayAnswer charge(const std::string& key, std::int64_t minor = 1999) {
    return run_task(gateway().charge({key, Money{minor}, {"book"}}, some_deadline()));
  }
  GatewayAnswer lookup(const std::string& key) { return run_task(gateway().lookup({key}, some_deadline())); }

 private:
  void start() {
    on_thread([this]() -> Task<void> {
      auto opened = paysim::Paysim::open(context_.get_executor(), options_);
      EXPECT_TRUE(opened) << opened.error().message;
      paysim_ = *std::move(opened);
      EXPECT_TRUE(paysim_->start());
      port_ = paysim_->port();
      gateway::HttpGatewaySettings settings;
      settings.endpoint = gateway::parse_endpoint(url()).value();
      settings.secret = options_.secret;
      settings.timeout = timeout;
      gateway_ = std::make_unique<gateway::HttpGateway>(context_.get_executor(), clock_, settings);
      co_return;
    });
  }
  template <class Work>
  void on_thread(Work work) {
    boost::asio::co_spawn(context_, work(), boost::asio::use_future).get();
  }

 public:
  /// Of a request; long enough for a loaded machine, short enough to be waited out by a test that wants no answer.
  static constexpr milliseconds timeout{1'000};

 private:
  test::TemporaryFolder folder_;
  paysim::Options options_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(context_);
  system::SystemClock clock_;
  std::unique_ptr<paysim::Paysim> paysim_;
  std::unique_ptr<gateway::HttpGateway> gateway_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace edda::testing_support
