#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "ports/task.hpp"

namespace edda::kafka {

/// An answer that another thread gives, once, and that a task waits for.
/// Thread-safety: `answer` from any thread; `wait` by one task at a time, whose executor runs on one thread. Lifetime: both hold it by a
/// shared_ptr.
template <class T>
class AnswerSlot {
 public:
  /// Later answers are dropped.
  void answer(T value) {
    const std::lock_guard lock(mutex_);
    if (value_) return;
    value_ = std::move(value);
    if (!waiting_) return;
    // Posted: the timer is the waiting task's, and its thread may be just about to wait on it. Under the lock, which the task takes before it
    // goes: its context is still there. The handler takes the timer along: nothing of the task's is left to end on this thread.
    const auto executor = waiting_->get_executor();
    boost::asio::post(executor, [timer = std::move(waiting_)] { timer->cancel(); });
  }

  /// The answer, or nothing by the deadline; then it can be waited for again.
  Task<std::optional<T>> wait(Deadline deadline) {
    namespace asio = boost::asio;
    const auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, deadline.at);
    {
      const std::lock_guard lock(mutex_);
      if (value_) co_return value_;
      waiting_ = timer;
    }
    {
      const Visit visit(*this);
      co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    }
    const std::lock_guard lock(mutex_);
    co_return value_;
  }

 private:
  /// A task that waits; it also ends where its context does.
  class Visit {
   public:
    explicit Visit(AnswerSlot& slot) : slot_(slot) {}
    ~Visit() {
      const std::lock_guard lock(slot_.mutex_);
      slot_.waiting_.reset();
    }
    Visit(const Visit&) = delete;

   private:
    AnswerSlot& slot_;
  };

  std::mutex mutex_;
  std::optional<T> value_;
  std::shared_ptr<boost::asio::steady_timer> waiting_;
};

}  // namespace edda::kafka
