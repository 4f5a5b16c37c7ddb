#include "system/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace edda::system {

namespace asio = boost::asio;

Timestamp SystemClock::now() { return std::chrono::floor<microseconds>(std::chrono::system_clock::now()); }

SteadyTime SystemClock::steady_now() { return std::chrono::steady_clock::now(); }

Task<void> SystemClock::sleep_until(SteadyTime at) {
  // A cancelled coroutine throws at its next await unless it says that it looks for itself: here it does, and afterwards the caller's
  // way holds again, so that a loop of sleeps ends at whatever it awaits next.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto cancelled = co_await asio::this_coro::cancellation_state;
  if (cancelled.cancelled() == asio::cancellation_type::none) {
    asio::steady_timer timer(co_await asio::this_coro::executor, at);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
}

}  // namespace edda::system
