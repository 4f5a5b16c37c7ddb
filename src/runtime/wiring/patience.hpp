#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <chrono>

#include "ports/task.hpp"
#include "postgres/sql_error.hpp"

namespace edda::wiring {

/// A start's waiting for what it cannot do without, until it is told to give up.
/// Thread-safety: on the thread for I/O.
class Patience {
 public:
  explicit Patience(boost::asio::io_context& io) : timer_(io) {}

  void give_up() {
    given_up_ = true;
    timer_.cancel();
  }
  bool given_up() const { return given_up_; }

  /// Does `work() -> Task<Result<T>>` again until it is done or fails for good. Errors: the work's last.
  template <class Work>
  std::invoke_result_t<Work&> keep_trying(Work work) {
    for (auto pause = pause_first;; pause = std::min(pause * 2, pause_max)) {
      auto done = co_await work();
      if (done || given_up_ || !heals(done.error())) co_return done;
      timer_.expires_after(pause);
      boost::system::error_code ignored;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
      if (given_up_) co_return done;
    }
  }

 private:
  static constexpr std::chrono::milliseconds pause_first{100};
  static constexpr std::chrono::milliseconds pause_max{2'000};

  /// What is refused stays refused.
  static bool heals(const Error& error) { return is_retryable(error.code) && error.reason != postgres::reason_refused; }

  boost::asio::steady_timer timer_;
  bool given_up_ = false;
};

}  // namespace edda::wiring
