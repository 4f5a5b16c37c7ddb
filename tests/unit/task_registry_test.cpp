#include "maintenance/task_registry.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "support/manual_clock.hpp"
#include "system/random.hpp"

namespace edda::maintenance {
namespace {

class UnitTaskRegistry : public testing::Test {
 protected:
  void drain() {
    context.restart();
    context.run();
  }

  boost::asio::io_context context;
  testing_support::ManualClock clock;
  system::SystemRandom random;
  TaskRegistry tasks{context.get_executor(), clock, random};
};

TEST_F(UnitTaskRegistry, TellsHowFarItIsAndWhatCameOut) {
  const auto begun = tasks.start(TaskKind::rebuild, [](Progress progress) -> Task<Result<std::string>> {
    progress(7);
    co_return "{}";
  });
  ASSERT_TRUE(begun.has_value());
  EXPECT_EQ(tasks.find(begun->id)->state, TaskState::running);
  drain();
  EXPECT_EQ(tasks.find(begun->id)->state, TaskState::completed);
  EXPECT_EQ(tasks.find(begun->id)->done, 7);
  EXPECT_EQ(tasks.find(begun->id)->result, "{}");
}

TEST_F(UnitTaskRegistry, OneOfAKindAtATimeAndItsFailureIsKept) {
  const auto fails = [](Progress) -> Task<Result<std::string>> { co_return fail(Errc::unavailable, "the disk is full"); };
  const auto begun = tasks.start(TaskKind::verify, fails);
  ASSERT_TRUE(begun.has_value());
  EXPECT_EQ(tasks.start(TaskKind::verify, fails).error().reason, "task_running");
  EXPECT_TRUE(tasks.start(TaskKind::rebuild, fails).has_value());
  drain();
  EXPECT_EQ(tasks.find(begun->id)->state, TaskState::failed);
  EXPECT_EQ(tasks.find(begun->id)->error, "the disk is full");
  EXPECT_TRUE(tasks.start(TaskKind::verify, fails).has_value());
  drain();
}

TEST_F(UnitTaskRegistry, RemembersABoundedNumber) {
  const auto quick = [](Progress) -> Task<Result<std::string>> { co_return "{}"; };
  const auto first = tasks.start(TaskKind::verify, quick);
  drain();
  for (std::size_t i = 0; i < TaskRegistry::finished_max; ++i) {
    ASSERT_TRUE(tasks.start(TaskKind::verify, quick).has_value());
    drain();
  }
  EXPECT_FALSE(tasks.find(first->id).has_value());
}

TEST_F(UnitTaskRegistry, StoppingCancelsWhatRuns) {
  const auto endless = [](Progress) -> Task<Result<std::string>> {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, SteadyTime::max());
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return "{}";
  };
  ASSERT_TRUE(tasks.start(TaskKind::verify, endless).has_value());
  bool stopped = false;
  boost::asio::co_spawn(context, tasks.stop(), [&stopped](std::exception_ptr) { stopped = true; });
  drain();
  EXPECT_TRUE(stopped);
  EXPECT_FALSE(tasks.start(TaskKind::verify, endless).has_value());
}

}  // namespace
}  // namespace edda::maintenance
