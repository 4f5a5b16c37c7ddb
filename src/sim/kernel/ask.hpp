#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "kernel/scheduler.hpp"
#include "ports/task.hpp"

namespace edda::sim {

/// One question of an actor that is not answered yet. Ends with the first answer, or with `when_cut` when the asker is cut off.
template <class T>
class Waiting {
 public:
  Waiting(Actor& asker, T when_cut) : asker_(asker), when_cut_(std::move(when_cut)) {}

  void wait(const std::shared_ptr<Waiting>& self, std::move_only_function<void(T)> handler) {
    handler_ = std::move(handler);
    place_ = asker_.waits_.insert(asker_.waits_.end(), [self] {
      self->listed_ = false;
      self->give(std::move(self->when_cut_));
    });
    listed_ = true;
  }
  void give(T value) {
    if (!handler_) return;
    if (std::exchange(listed_, false)) asker_.waits_.erase(place_);
    asker_.scheduler().ready(asker_, [handler = std::exchange(handler_, nullptr), value = std::move(value)]() mutable {
      handler(std::move(value));
    });
  }
  bool is_open() const { return static_cast<bool>(handler_); }

 private:
  Actor& asker_;
  T when_cut_;
  std::move_only_function<void(T)> handler_;
  std::list<std::function<void()>>::iterator place_;
  bool listed_ = false;
};

/// Where an answer goes; copies mean the same question. Only the first answer counts.
template <class T>
class Answer {
 public:
  explicit Answer(std::shared_ptr<Waiting<T>> waiting) : waiting_(std::move(waiting)) {}
  /// Now; the asker goes on as soon as it runs (a paused one: when it is resumed).
  void give(T value) const { waiting_->give(std::move(value)); }
  /// The asker still waits.
  bool is_open() const { return waiting_->is_open(); }

 private:
  std::shared_ptr<Waiting<T>> waiting_;
};

/// Asks the world something and waits: the shape of every simulated port. `start` gets the Answer and arranges, with timed events of the
/// world's actor, what happens and when the answer comes; so the world goes on even where the asker is paused or dies meanwhile. Somebody
/// must answer in the end. An asker that is cut off gets `when_cut` at once, and `start` is not called for one that was cut off before.
///
///     co_return co_await ask<Result<int>>(actor, fail(Errc::unavailable, "gone"), [&](Answer<Result<int>> answer) {
///       scheduler.after(scheduler.world(), delay, "store", [=] { answer.give(7); });
///     });
template <class T, class Start>
Task<T> ask(Actor& asker, T when_cut, Start start) {
  if (asker.is_cut()) co_return when_cut;
  auto waiting = std::make_shared<Waiting<T>>(asker, std::move(when_cut));
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      [&](auto handler) {
        waiting->wait(waiting, [handler = std::move(handler)](T value) mutable { std::move(handler)(std::move(value)); });
        start(Answer<T>(waiting));
      },
      boost::asio::use_awaitable);
}

}  // namespace edda::sim
