#include "owner/commit_signal.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::owner {
namespace {

using testing_support::run_task;
using testing_support::some_deadline;

TEST(UnitCommitSignal, ACommitBeforeTheWaitIsNotMissed) {
  CommitSignal signal;
  auto seen = signal.current();
  signal.notify();
  signal.notify();
  run_task(signal.wait(seen, some_deadline()));
  EXPECT_EQ(seen, 2U);
}

TEST(UnitCommitSignal, TheWaitEndsAtItsDeadline) {
  CommitSignal signal;
  auto seen = signal.current();
  run_task(signal.wait(seen, Deadline{SteadyTime::min()}));
  EXPECT_EQ(seen, 0U);
}

TEST(UnitCommitSignal, AnotherThreadsCommitsAllArrive) {
  constexpr std::uint64_t commits = 20'000;
  CommitSignal signal;
  std::thread committer([&signal] {
    for (std::uint64_t i = 0; i < commits; ++i) signal.notify();
  });
  // Two followers on one thread: each waits until it has seen the last commit; a missed one would hang.
  const auto follow = [](CommitSignal& watched) -> Task<void> {
    for (std::uint64_t seen = 0; seen < commits;) co_await watched.wait(seen, some_deadline());
  };
  boost::asio::io_context context;
  boost::asio::co_spawn(context, follow(signal), boost::asio::detached);
  boost::asio::co_spawn(context, follow(signal), boost::asio::detached);
  context.run();
  committer.join();
  EXPECT_EQ(signal.current(), commits);
}

}  // namespace
}  // namespace edda::owner
