#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <utility>

#include "ports/task.hpp"

namespace edda::testing_support {

/// Runs one piece of work to its end on a context of its own.
template <class T>
T run_task(Task<T> task) {
  boost::asio::io_context context;
  auto future = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return future.get();
}

/// The same on a context that the work's other side needs, until nothing is left to do there.
template <class T>
T run_on(boost::asio::io_context& context, Task<T> task) {
  auto future = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.restart();
  context.run();
  return future.get();
}

}  // namespace edda::testing_support
