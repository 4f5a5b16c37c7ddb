// Virtual time, whose work is run when, and what an asker hears.
#include "kernel/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <set>

#include "kernel/kernel.hpp"

namespace edda::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A kernel with one actor, and a list of what happened.
struct World {
  explicit World(Draws draws = Draws(DrawList{}), std::size_t lines = 0) : kernel(std::move(draws), lines) {}

  Timer after(Duration delay, std::string what) { return after(actor, delay, std::move(what)); }
  Timer after(Actor& whose, Duration delay, std::string what) {
    return scheduler.after(whose, delay, "test", [this, what = std::move(what)] { happened.push_back(what); });
  }
  void ready(std::string what) {
    scheduler.ready(actor, [this, what = std::move(what)] { happened.push_back(what); });
  }
  bool run(Duration span) { return scheduler.run_until(scheduler.now() + span); }

  Kernel kernel;
  Scheduler& scheduler = kernel.scheduler;
  Actor& actor = scheduler.make_actor("a");
  std::vector<std::string> happened;
};

TEST(UnitSimScheduler, RunsWhatIsReadyInItsOrderAndThenWhatIsDueByTime) {
  World world;
  world.after(2s, "later");
  world.after(1s, "soon");
  world.ready("first");
  world.ready("second");
  EXPECT_FALSE(world.run(1h));
  EXPECT_THAT(world.happened, ElementsAre("first", "second", "soon", "later"));
  EXPECT_EQ(world.scheduler.now(), SteadyTime(1h) + 2s);
  EXPECT_EQ(world.scheduler.executed(), 4U);
}

TEST(UnitSimScheduler, StopsAtItsTimeAndGoesOnFromThere) {
  World world;
  world.after(1s, "before");
  world.after(3s, "after");
  EXPECT_TRUE(world.run(2s));
  EXPECT_THAT(world.happened, ElementsAre("before"));
  EXPECT_EQ(world.scheduler.now(), SteadyTime(1h) + 2s);
  world.run(2s);
  EXPECT_THAT(world.happened, SizeIs(2));
}

TEST(UnitSimScheduler, OrdersWhatIsDueAtOnceByADraw) {
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    World world{Draws(seed)};
    for (const char* name : {"a", "b", "c"}) world.after(1s, name);
    world.run(2s);
    orders.insert(world.happened);
  }
  EXPECT_THAT(orders, SizeIs(6));
}

TEST(UnitSimScheduler, WhatIsCalledOffDoesNotHappen) {
  World world;
  const Timer timer = world.after(1s, "never");
  EXPECT_TRUE(world.scheduler.cancel(timer));
  EXPECT_FALSE(world.scheduler.cancel(timer));
  EXPECT_FALSE(world.scheduler.cancel(Timer{}));
  // Another uses the place of the one that is gone, and is not meant by its timer.
  const Timer other = world.after(2s, "other");
  EXPECT_FALSE(world.scheduler.cancel(timer));
  world.run(1h);
  EXPECT_THAT(world.happened, ElementsAre("other"));
  EXPECT_FALSE(world.scheduler.cancel(other));
}

TEST(UnitSimScheduler, NothingOfAPausedActorRunsUntilItIsResumed) {
  World world;
  world.scheduler.pause(world.actor);
  world.ready("ready");
  world.after(1s, "timed");
  world.after(world.scheduler.world(), 2s, "of the world");
  world.run(3s);
  EXPECT_THAT(world.happened, ElementsAre("of the world"));
  world.scheduler.resume(world.actor);
  world.run(1s);
  EXPECT_THAT(world.happened, ElementsAre("of the world", "ready", "timed"));
}

TEST(UnitSimScheduler, ASlowActorTakesItsTime) {
  World world;
  world.scheduler.set_slowness(world.actor, 10);
  world.ready("slow");
  world.run(1ms);
  EXPECT_THAT(world.happened, IsEmpty());
  world.run(1s);
  EXPECT_THAT(world.happened, ElementsAre("slow"));
}

TEST(UnitSimScheduler, EndsAtOnceWhenItIsStopped) {
  World world;
  world.scheduler.ready(world.actor, [&] { world.scheduler.stop(); });
  world.ready("left");
  EXPECT_FALSE(world.run(1h));
  EXPECT_THAT(world.happened, IsEmpty());
  world.scheduler.go_on();
  world.run(1h);
  EXPECT_THAT(world.happened, ElementsAre("left"));
}

// The executor

TEST(UnitSimExecutor, PostsBehindWhatIsReadyAndDispatchesFromItsOwnWorkAtOnce) {
  World world;
  const auto executor = world.kernel.executor(world.actor);
  boost::asio::post(executor, [&] {
    boost::asio::post(executor, [&] { world.happened.emplace_back("posted"); });
    boost::asio::dispatch(executor, [&] { world.happened.emplace_back("dispatched"); });
  });
  world.run(1s);
  EXPECT_THAT(world.happened, ElementsAre("dispatched", "posted"));
}

TEST(UnitSimExecutor, DoesNotRunAnothersWorkInItsOwn) {
  World world;
  Actor& other = world.scheduler.make_actor("b");
  boost::asio::post(world.kernel.executor(world.actor), [&] {
    boost::asio::dispatch(world.kernel.executor(other), [&] { world.happened.emplace_back("other"); });
    world.happened.emplace_back("own");
  });
  world.run(1s);
  EXPECT_THAT(world.happened, ElementsAre("own", "other"));
}

// Asking

/// Asks for a number that the world gives after `after`, and writes down what comes.
Task<void> ask_for_seven(World& world, Duration after) {
  const int answer = co_await ask<int>(world.actor, -1, [&](Answer<int> to) {
    world.after(world.scheduler.world(), after, "asked");
    world.scheduler.after(world.scheduler.world(), after, "answer", [to] { to.give(7); });
    world.scheduler.after(world.scheduler.world(), after + 1s, "answer", [to] { to.give(8); });
  });
  world.happened.push_back(std::to_string(answer));
}

TEST(UnitSimAsk, TheFirstAnswerCounts) {
  World world;
  boost::asio::co_spawn(world.kernel.executor(world.actor), ask_for_seven(world, 1s), boost::asio::detached);
  world.run(10s);
  EXPECT_THAT(world.happened, ElementsAre("asked", "7"));
}

TEST(UnitSimAsk, WhoeverIsCutOffHearsSoAtOnceAndTheWorldGoesOn) {
  World world;
  boost::asio::co_spawn(world.kernel.executor(world.actor), ask_for_seven(world, 5s), boost::asio::detached);
  world.run(1s);
  world.actor.cut();
  world.run(1s);
  EXPECT_THAT(world.happened, ElementsAre("-1"));
  world.run(10s);
  EXPECT_THAT(world.happened, ElementsAre("-1", "asked"));
}

TEST(UnitSimAsk, WhoeverWasCutOffBeforeAsksNothing) {
  World world;
  world.actor.cut();
  boost::asio::co_spawn(world.kernel.executor(world.actor), ask_for_seven(world, 1s), boost::asio::detached);
  world.run(10s);
  EXPECT_THAT(world.happened, ElementsAre("-1"));
}

TEST(UnitSimAsk, AnAnswerWaitsForAPausedAsker) {
  World world;
  boost::asio::co_spawn(world.kernel.executor(world.actor), ask_for_seven(world, 1s), boost::asio::detached);
  world.run(100ms);
  world.scheduler.pause(world.actor);
  world.run(10s);
  EXPECT_THAT(world.happened, ElementsAre("asked"));
  world.scheduler.resume(world.actor);
  world.run(1s);
  EXPECT_THAT(world.happened, ElementsAre("asked", "7"));
}

// Faults, the verdict and the trace

TEST(UnitSimKernel, AFaultStrikesWhileItIsOnAndIsCounted) {
  World world{Draws(1)};
  world.kernel.set_strength(Fault::gateway_lost, 1000);
  EXPECT_TRUE(world.kernel.strikes(Fault::gateway_lost, Stream::gateway));
  EXPECT_FALSE(world.kernel.strikes(Fault::gateway_slow, Stream::gateway));
  world.kernel.lift_faults();
  EXPECT_FALSE(world.kernel.strikes(Fault::gateway_lost, Stream::gateway));
  EXPECT_EQ(world.kernel.counters.faults_total(), 1U);
}

TEST(UnitSimKernel, TheFirstBrokenPromiseEndsTheRun) {
  World world;
  world.kernel.broken("I1", "first");
  world.kernel.broken("I2", "second");
  world.ready("more");
  world.run(1s);
  EXPECT_EQ(world.kernel.verdict()->invariant, "I1");
  EXPECT_THAT(world.happened, IsEmpty());
}

TEST(UnitSimKernel, EveryFaultAndSightHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < fault_count; ++i) names.insert(name_of(static_cast<Fault>(i)));
  for (std::size_t i = 0; i < sometimes_count; ++i) names.insert(name_of(static_cast<Sometimes>(i)));
  EXPECT_THAT(names, SizeIs(fault_count + sometimes_count));
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(name_of(Fault::client_unheard), "client_unheard");
  EXPECT_EQ(name_of(Sometimes::disapproved), "disapproved");
}

std::uint64_t hash_of(const std::vector<std::pair<Duration, std::string_view>>& happens) {
  World world;
  for (const auto& [at, kind] : happens) world.scheduler.after(world.actor, at, kind, [] {});
  world.run(1h);
  return world.kernel.trace.hash();
}

TEST(UnitSimTrace, TheHashTellsTimesKindsAndOrders) {
  const auto hash = hash_of({{1s, "x"}, {2s, "y"}});
  EXPECT_EQ(hash_of({{1s, "x"}, {2s, "y"}}), hash);
  EXPECT_NE(hash_of({{1s, "x"}, {3s, "y"}}), hash);
  EXPECT_NE(hash_of({{1s, "x"}, {2s, "z"}}), hash);
  EXPECT_NE(hash_of({{1s, "y"}, {2s, "x"}}), hash);
}

TEST(UnitSimTrace, KeepsTheLastLinesAndTheSameHashWithoutThem) {
  World kept{Draws(DrawList{}), 2};
  World bare;
  for (World* world : {&kept, &bare})
    for (const char* what : {"one", "two", "three"})
      world->kernel.note(world->actor, "told", [&] { return std::string(what); });
  EXPECT_THAT(kept.kernel.trace.lines(), ElementsAre(HasSubstr("two"), HasSubstr("three")));
  EXPECT_THAT(bare.kernel.trace.lines(), IsEmpty());
  EXPECT_EQ(kept.kernel.trace.hash(), bare.kernel.trace.hash());
}

}  // namespace
}  // namespace edda::sim
