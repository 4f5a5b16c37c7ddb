#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <set>

#include "support/run_task.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::system {
namespace {

TEST(UnitSystemClock, GoesOn) {
  SystemClock clock;
  EXPECT_GT(clock.now(), Timestamp(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)));
  const auto first = clock.steady_now();
  EXPECT_GE(clock.steady_now(), first);
}

TEST(UnitSystemClock, SleepsUntilTheTimeHasCome) {
  SystemClock clock;
  const auto at = clock.steady_now() + milliseconds(5);
  testing_support::run_task([](SystemClock& c, SteadyTime until) -> Task<int> {
    co_await c.sleep_until(until);
    co_return 0;
  }(clock, at));
  EXPECT_GE(clock.steady_now(), at);
}

TEST(UnitSystemClock, WakesUpWithoutAnErrorWhenCancelled) {
  SystemClock clock;
  boost::asio::io_context context;
  boost::asio::cancellation_signal stop;
  bool woke = false;
  const auto sleeper = [&]() -> Task<void> {
    co_await clock.sleep_until(clock.steady_now() + std::chrono::hours(1));
    woke = true;
  };
  std::exception_ptr error;
  boost::asio::co_spawn(context, sleeper(),
                        boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) { error = e; }));
  boost::asio::post(context, [&] { stop.emit(boost::asio::cancellation_type::all); });
  context.run();
  EXPECT_TRUE(woke);
  EXPECT_FALSE(error);
}

TEST(UnitSystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.next());
  EXPECT_EQ(seen.size(), 1000U);
}

}  // namespace
}  // namespace edda::system
