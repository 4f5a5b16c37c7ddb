#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "ports/task.hpp"

namespace edda::test {

/// Generous: no test waits for it unless something hangs.
inline Deadline soon() { return Deadline{std::chrono::steady_clock::now() + std::chrono::seconds(60)}; }

/// Runs one task to its end on a context of its own and returns what it returned.
template <class T>
T await(Task<T> task) {
  boost::asio::io_context context;
  std::optional<T> answer;
  boost::asio::co_spawn(
      context, [&]() -> Task<void> { answer.emplace(co_await std::move(task)); },
      [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
      });
  context.run();
  return *std::move(answer);
}

}  // namespace edda::test
