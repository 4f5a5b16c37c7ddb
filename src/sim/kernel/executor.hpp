#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <type_traits>
#include <utility>

#include "kernel/scheduler.hpp"

namespace edda::sim {

/// An Asio executor over the scheduler: what is posted becomes ready work of one actor, first in, first out; what is dispatched from the actor's own
/// work runs at once, as on any executor with one thread (Asio hands cancellations on that way). There is no reactor and no thread behind it, so
/// Asio's own timers must not be used on it (nothing in the application does: it waits through the Clock port).
class Executor {
 public:
  Executor(Actor& actor, boost::asio::execution_context& context) noexcept : actor_(&actor), context_(&context) {}

  bool operator==(const Executor& other) const noexcept { return actor_ == other.actor_ && inline_ == other.inline_; }
  bool operator!=(const Executor& other) const noexcept { return !(*this == other); }

  template <class Function>
  void execute(Function&& function) const {
    auto& scheduler = actor_->scheduler();
    if (inline_ && scheduler.is_running(*actor_)) {
      std::decay_t<Function> own(std::forward<Function>(function));
      own();
      return;
    }
    scheduler.ready(*actor_, Action(std::forward<Function>(function)));
  }

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return *context_; }
  boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    if (inline_) return boost::asio::execution::blocking.possibly;
    return boost::asio::execution::blocking.never;
  }
  Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return with(false); }
  Executor require(boost::asio::execution::blocking_t::possibly_t) const noexcept { return with(true); }

 private:
  Executor with(bool may_be_inline) const noexcept {
    Executor copy = *this;
    copy.inline_ = may_be_inline;
    return copy;
  }

  Actor* actor_;
  boost::asio::execution_context* context_;
  bool inline_ = true;
};

}  // namespace edda::sim
