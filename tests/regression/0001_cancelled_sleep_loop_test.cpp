// A client that had followed an event stream made SIGTERM take 15 s: its loop of sleeps heard of the cancellation once, in the sleep, and
// then went on for ever. A cancelled loop must end at whatever it awaits after the sleep.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "async/task_group.hpp"
#include "system/clock.hpp"

namespace edda {
namespace {

Task<void> sleep_again_and_again(Clock& clock, int& rounds) {
  while (rounds < 1000) {
    ++rounds;
    co_await clock.sleep_until(clock.steady_now() + std::chrono::hours(rounds == 1 ? 1 : 0));
  }
}

TEST(RegressionCancelledSleepLoop, EndsAtTheNextAwait) {
  boost::asio::io_context context;
  system::SystemClock clock;
  TaskGroup group(context.get_executor());
  int rounds = 0;
  group.spawn(sleep_again_and_again(clock, rounds));
  boost::asio::co_spawn(
      context,
      [&]() -> Task<void> {
        group.cancel();
        co_await group.join();
      },
      boost::asio::detached);
  context.run();
  EXPECT_LE(rounds, 2);
}

}  // namespace
}  // namespace edda
