#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
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
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      if (value_) return;
      value_ = std::move(value);
      wake = std::exchange(wake_, {});
    }
    if (wake) wake();
  }

  /// The answer, or nothing by the deadline; then it can be waited for again.
  Task<std::optional<T>> wait(Deadline deadline) {
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor, deadline.at);
    {
      const std::lock_guard lock(mutex_);
      if (value_) co_return value_;
      // Posted: the timer is the waiting task's, and its thread may be just about to wait on it.
      wake_ = [executor, timer] { asio::post(executor, [timer] { timer->cancel(); }); };
    }
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    const std::lock_guard lock(mutex_);
    wake_ = {};
    co_return value_;
  }

 private:
  std::mutex mutex_;
  std::optional<T> value_;
  std::function<void()> wake_;
};

}  // namespace edda::kafka
