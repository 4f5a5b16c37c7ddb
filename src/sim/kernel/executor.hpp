#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <utility>

#include "kernel/scheduler.hpp"

namespace edda::sim {

/// An Asio executor over the scheduler: what is executed becomes ready work of one actor, first in, first out. There is no reactor and no
/// thread behind it, so Asio's own timers must not be used on it (nothing in the application does: it waits through the Clock port).
class Executor {
 public:
  Executor(Actor& actor, boost::asio::execution_context& context) noexcept : actor_(&actor), context_(&context) {}

  bool operator==(const Executor& other) const noexcept { return actor_ == other.actor_; }
  bool operator!=(const Executor& other) const noexcept { return actor_ != other.actor_; }

  template <class Function>
  void execute(Function&& function) const {
    actor_->scheduler().ready(*actor_, Action(std::forward<Function>(function)));
  }

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return *context_; }
  // Never inline, always queued: the order of all work is the queue's.
  static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }
  Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }

 private:
  Actor* actor_;
  boost::asio::execution_context* context_;
};

}  // namespace edda::sim
