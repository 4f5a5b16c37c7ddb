#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <vector>

#include "ports/clock.hpp"

namespace edda::testing_support {

/// Whoever sleeps on it is woken when it was moved far enough.
class SteppedClock final : public Clock {
 public:
  Timestamp now() override { return start + elapsed_ + wall_off; }
  SteadyTime steady_now() override { return SteadyTime(std::chrono::hours(1)) + elapsed_; }
  Task<void> sleep_until(SteadyTime at) override {
    if (at <= steady_now()) co_return;
    auto timer = std::make_shared<boost::asio::steady_timer>(co_await boost::asio::this_coro::executor, SteadyTime::max());
    sleepers_.push_back({at, timer});
    co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  void advance(microseconds by) {
    elapsed_ += by;
    std::erase_if(sleepers_, [this](const Sleeper& sleeper) {
      if (sleeper.due > steady_now()) return false;
      if (const auto timer = sleeper.timer.lock()) timer->cancel();
      return true;
    });
  }

  microseconds wall_off{0};  ///< how far the wall clock was set; the steady one is not

  static constexpr Timestamp start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

 private:
  struct Sleeper {
    SteadyTime due;
    std::weak_ptr<boost::asio::steady_timer> timer;  ///< its sleeper's: a node that has ended took it along
  };
  microseconds elapsed_{0};
  std::vector<Sleeper> sleepers_;
};

}  // namespace edda::testing_support
