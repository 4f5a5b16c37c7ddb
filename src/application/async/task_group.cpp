#include "async/task_group.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

#include "base/assert.hpp"

namespace edda {

namespace asio = boost::asio;

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(std::move(executor)) {}

TaskGroup::~TaskGroup() { EDDA_ASSERT(running_.empty()); }

bool TaskGroup::spawn(Task<void> task) {
  if (closed_) return false;
  running_.emplace_back();
  const auto self = std::prev(running_.end());
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(self->cancellation.slot(), [this, self](std::exception_ptr failure) {
                   running_.erase(self);
                   if (running_.empty()) wake_joiners();
                   if (!failure) return;
                   try {
                     std::rethrow_exception(failure);
                   } catch (const boost::system::system_error& error) {
                     EDDA_ASSERT(error.code() == asio::error::operation_aborted);
                   }
                 }));
  return true;
}

void TaskGroup::cancel() {
  // Emitting may end a task inline and so erase its entry: step on before.
  for (auto running = running_.begin(); running != running_.end();) {
    auto& signal = (running++)->cancellation;
    signal.emit(asio::cancellation_type::terminal);
  }
}

void TaskGroup::wake_joiners() {
  for (auto& wake : std::exchange(joiners_, {})) asio::post(executor_, std::move(wake));
}

Task<void> TaskGroup::join() {
  closed_ = true;
  // The caller's own cancellation does not excuse it from waiting.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (!running_.empty()) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler) {
          joiners_.emplace_back([handler = std::move(handler)]() mutable { std::move(handler)(); });
        },
        asio::use_awaitable);
  }
}

}  // namespace edda
