#include "lanes/lane.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <iterator>
#include <mutex>

#include "base/assert.hpp"
#include "lanes/batch_runner.hpp"

// The mailbox: who waits, who is answered, and when the lane is still. What becomes of a batch: batch_runner.cpp.
namespace edda::lanes {

namespace asio = boost::asio;

namespace {

void answer_now(Pending pending, std::unexpected<Error> error) {
  asio::post(pending.home, [reply = std::move(pending.reply), error = std::move(error)]() mutable {
    reply(TurnAnswer(std::move(error)));
  });
}

/// One wake-up for all answers that go to the same executor.
void send(std::vector<Answered> answered) {
  while (!answered.empty()) {
    const auto home = answered.back().pending.home;
    auto group = std::make_unique<std::vector<Answered>>();
    std::vector<Answered> others;
    for (auto& a : answered) (a.pending.home == home ? *group : others).push_back(std::move(a));
    answered = std::move(others);
    asio::post(home, [group = std::move(group)] {
      for (auto& a : *group) a.pending.reply(std::move(a.answer));
    });
  }
}

}  // namespace

struct Lane::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::any_io_executor lane_executor, EventStore& store, Epochs& epochs, Clock& lane_clock, Random& random,
       const LaneSettings& settings, CommitListener on_commit)
      : executor(std::move(lane_executor)),
        queue_max(settings.queue_max),
        batch_max(settings.batch_max),
        clock(lane_clock),
        wait_seconds(settings.meters.wait_seconds),
        runner(store, epochs, lane_clock, random, settings, std::move(on_commit)) {}

  const asio::any_io_executor executor;
  const std::size_t queue_max;
  const std::size_t batch_max;
  Clock& clock;
  metrics::Histogram* const wait_seconds;

  // Shared with submitters.
  std::mutex mutex;
  std::deque<Pending> queue;
  bool draining = false;
  bool stopping = false;
  std::vector<std::pair<asio::any_io_executor, std::move_only_function<void()>>> stop_waiters;
  std::atomic<std::uint64_t> overloads{0};

  // Owned by the lane's executor.
  BatchRunner runner;

  void enqueue(Pending pending) {
    pending.since = clock.steady_now();
    std::unique_lock lock(mutex);
    if (stopping || queue.size() >= queue_max) {
      const bool stopped = stopping;
      lock.unlock();
      overloads.fetch_add(1, std::memory_order_relaxed);
      answer_now(std::move(pending), stopped ? fail(Errc::unavailable, "the server is shutting down; try again elsewhere")
                                             : fail(Errc::overloaded, "too many orders are waiting; try again shortly"));
      return;
    }
    queue.push_back(std::move(pending));
    if (draining) return;
    draining = true;
    lock.unlock();
    asio::co_spawn(executor, drain(shared_from_this()), asio::detached);
  }

  static Task<void> drain(std::shared_ptr<Impl> self) {
    for (auto batch = self->take_batch(); !batch.empty(); batch = self->take_batch()) {
      self->note_wait(batch);
      auto outcome = co_await self->runner.run(std::move(batch));
      self->put_back(std::move(outcome.again));
      send(std::move(outcome.answered));
    }
  }

  /// Empty, and draining ends, when nothing waits. What does not fit into the batch goes on waiting, and counts as that.
  std::vector<Pending> take_batch() {
    std::vector<Pending> batch;
    const std::lock_guard lock(mutex);
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(std::min(queue.size(), batch_max));
    batch.assign(std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
    queue.erase(queue.begin(), end);
    if (!batch.empty()) return batch;
    draining = false;
    for (auto& [home, wake] : stop_waiters) asio::post(home, std::move(wake));
    stop_waiters.clear();
    return batch;
  }

  void note_wait(const std::vector<Pending>& batch) const {
    if (wait_seconds == nullptr) return;
    const SteadyTime now = clock.steady_now();
    for (const auto& pending : batch) wait_seconds->observe(std::chrono::duration<double>(now - pending.since).count());
  }

  /// To the front, in their order.
  void put_back(std::vector<Pending> again) {
    const std::lock_guard lock(mutex);
    queue.insert(queue.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
  }
};

Lane::Lane(asio::any_io_executor executor, EventStore& store, Epochs& epochs, Clock& clock, Random& random,
           const LaneSettings& settings, CommitListener on_commit)
    : impl_(std::make_shared<Impl>(std::move(executor), store, epochs, clock, random, settings, std::move(on_commit))) {}

Lane::~Lane() {
  const std::lock_guard lock(impl_->mutex);
  EDDA_ASSERT(!impl_->draining && impl_->queue.empty());
}

Task<TurnAnswer> Lane::submit(TurnRequest request, Deadline deadline) {
  auto home = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(TurnAnswer)>(
      [&](auto handler) {
        impl_->enqueue({std::move(request), deadline, std::move(home),
                        [handler = std::move(handler)](TurnAnswer answer) mutable {
                          std::move(handler)(std::move(answer));
                        }});
      },
      asio::use_awaitable);
}

Task<void> Lane::stop() {
  auto home = co_await asio::this_coro::executor;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&](auto handler) {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        auto wake = [handler = std::move(handler)]() mutable { std::move(handler)(); };
        if (impl_->draining)
          impl_->stop_waiters.emplace_back(std::move(home), std::move(wake));
        else
          asio::post(home, std::move(wake));
      },
      asio::use_awaitable);
}

LaneStats Lane::stats() const {
  LaneStats stats;
  impl_->runner.add_to(stats);
  stats.overloaded = impl_->overloads.load(std::memory_order_relaxed);
  const std::lock_guard lock(impl_->mutex);
  stats.queued = impl_->queue.size();
  return stats;
}

}  // namespace edda::lanes
