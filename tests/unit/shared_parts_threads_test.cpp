#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "accounts/user_cache.hpp"
#include "crypto/payload_cache.hpp"
#include "lanes/lane.hpp"
#include "memory/event_store.hpp"
#include "memory/rate_limiter.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

/// What ThreadSanitizer should see: the parts that several threads share, all at once.
namespace edda {
namespace {

using testing_support::ManualClock;
using testing_support::run_task;
using testing_support::some_deadline;

constexpr int threads = 4;

void on_threads(const std::function<void(int)>& work) {
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
}

UserId user(int number) { return UserId{make_uuid_v7(ManualClock::start, {static_cast<std::uint8_t>(number)}, 0)}; }

TEST(UnitThreads, UserCacheNeverGivesWhatWasForgotten) {
  accounts::UserCache cache(32, std::chrono::seconds(30));
  const SteadyTime now{std::chrono::hours(1)};
  std::array<std::atomic<std::int64_t>, 8> changed{};
  on_threads([&](int thread) {
    for (int i = 0; i < 2000; ++i) {
      const int who = (i + thread) % 8;
      auto& generation = changed[static_cast<std::size_t>(who)];
      if (i % 7 == 0) {
        ++generation;
        cache.forget(user(who));
        continue;
      }
      const auto before = generation.load();
      if (const auto found = cache.find(user(who), now)) {
        // A change that began after the look may be missed, one that was finished before may not.
        ASSERT_GE(found->generation + threads, before);
        continue;
      }
      const auto ticket = cache.ticket();
      const accounts::KnownUser known{.exists = true, .generation = generation.load(), .read_at_steady = now};
      cache.put(user(who), std::make_shared<const accounts::KnownUser>(known), ticket);
    }
  });
  EXPECT_LE(cache.size(), 32U);
}

TEST(UnitThreads, PayloadCacheGivesEachTokenItsOwn) {
  crypto::PayloadCache cache(64);
  on_threads([&](int thread) {
    for (int i = 0; i < 2000; ++i) {
      const auto number = static_cast<std::uint8_t>((i * 7 + thread) % 100);
      crypto::Mac mac{};
      mac[0] = number;
      crypto::TokenPayload payload{};
      payload.claims.user = user(number);
      if (const auto found = cache.find(mac)) {
        ASSERT_EQ(found->claims.user, payload.claims.user);
      } else {
        cache.put(mac, payload);
      }
    }
  });
  EXPECT_LE(cache.size(), 64U);
}

TEST(UnitThreads, RateLimiterAllowsTheBurstAndNoMore) {
  ManualClock clock;
  memory::MemoryRateLimiter limiter(clock, 1000);
  std::atomic<int> allowed{0};
  on_threads([&](int) {
    for (int i = 0; i < 200; ++i)
      if (run_task(limiter.take("login", {.burst = 100, .refill = std::chrono::seconds(60)}, some_deadline())).allowed)
        ++allowed;
  });
  EXPECT_EQ(allowed, 100);
}

Uuid uuid(int kind, int number) {
  return make_uuid_v7(ManualClock::start, {static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(number),
                                           static_cast<std::uint8_t>(number >> 8)}, 0);
}
lanes::TurnRequest place(int number) {
  const OrderId order{uuid(1, number)};
  const SagaId saga{uuid(3, number)};
  lanes::TurnRequest request;
  request.order = order;
  request.command = turn::PlaceOrder{{order,   UserId{uuid(4, 1)}, {{"P-1", "Keyboard", order::Quantity::whole(1), Money{1999, {}}}},
                                     Money{1999, {}}, "Seoul", PaymentId{uuid(2, number)}, saga}};
  request.fresh_saga = saga;
  return request;
}

TEST(UnitThreads, ManySubmittersAreEachAnsweredOnce) {
  constexpr int each = 200;
  memory::MemoryEventStore store;
  lanes::Epochs epochs{1};
  system::SystemClock clock;
  system::SystemRandom random;
  boost::asio::io_context lane_context;
  std::atomic<std::uint64_t> announced{0};
  lanes::Lane lane(lane_context.get_executor(), store, epochs, clock, random, {.node = "n", .queue_max = 64},
                   [&](auto turns) { announced += turns->size(); });
  auto busy = boost::asio::make_work_guard(lane_context);
  std::jthread lane_thread([&] { lane_context.run(); });
  std::atomic<std::uint64_t> stored{0};
  std::atomic<std::uint64_t> refused{0};
  // The lane still holds a caller's context for a moment after its last answer arrived there.
  std::array<boost::asio::io_context, threads> contexts;
  on_threads([&](int thread) {
    auto& context = contexts[static_cast<std::size_t>(thread)];
    auto waiting = boost::asio::make_work_guard(context);
    int left = each;
    for (int i = 0; i < each; ++i) {
      boost::asio::co_spawn(
          context,
          [&, number = thread * each + i]() -> Task<void> {
            const auto answer = co_await lane.submit(place(number), clock.deadline_in(std::chrono::minutes(1)));
            ++(answer ? stored : refused);
            if (--left == 0) waiting.reset();
          },
          [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    }
    context.run();
  });
  run_task([](lanes::Lane& l, boost::asio::io_context& c) -> Task<int> {
    co_await boost::asio::co_spawn(c, l.stop(), boost::asio::use_awaitable);
    co_return 0;
  }(lane, lane_context));
  busy.reset();
  lane_thread.join();
  EXPECT_EQ(stored + refused, static_cast<std::uint64_t>(threads * each));
  EXPECT_EQ(lane.stats().turns, stored.load());
  EXPECT_EQ(announced.load(), stored.load());
  EXPECT_EQ(lane.stats().overloaded, refused.load());
}

}  // namespace
}  // namespace edda
