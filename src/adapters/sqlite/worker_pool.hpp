#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "ports/task.hpp"

namespace edda::sqlite {

/// A few threads for work that blocks, with a bounded queue: when it is full, work is refused at once as overloaded.
/// Thread-safety: callable from any thread.
class WorkerPool {
 public:
  /// `name` (at most 15 bytes) is what the threads are called in ps and perf.
  WorkerPool(const std::string& name, std::size_t threads, std::size_t queue_max);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;

  /// Runs `work(worker)` on one of the threads (`worker` counts from 0) and resumes the caller on its own executor with
  /// the Result it returned. Errors besides the work's: overloaded (queue full, or the deadline passed while waiting),
  /// cancelled (stopped).
  template <class Work>
  Task<std::invoke_result_t<Work&, std::size_t>> run(Work work, Deadline deadline);

  /// Has `work()` run later, with nobody waiting for it; false when the queue is full or the pool stopped.
  bool try_post(std::move_only_function<void()> work);

  /// Finishes what is queued, refuses more and joins the threads.
  void stop();

 private:
  enum class Turn { run, refused, stopped };
  using Job = std::move_only_function<void(Turn, std::size_t worker)>;

  Turn enqueue(Job& job);
  void post(Job job);
  void serve(std::size_t worker);
  static Error refusal(Turn turn);

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

template <class Work>
Task<std::invoke_result_t<Work&, std::size_t>> WorkerPool::run(Work work, Deadline deadline) {
  namespace asio = boost::asio;
  using Outcome = std::invoke_result_t<Work&, std::size_t>;
  auto start = [this, &work, deadline](auto handler) {
    // Tracked: the caller's context must not run out of work while it waits for us.
    auto executor = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
    post([work = std::move(work), deadline, handler = std::move(handler), executor](Turn turn,
                                                                                    std::size_t worker) mutable {
      if (turn == Turn::run && std::chrono::steady_clock::now() > deadline.at) turn = Turn::refused;
      Outcome outcome = turn == Turn::run ? work(worker) : Outcome(std::unexpected(refusal(turn)));
      asio::post(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(outcome));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(std::move(start),
                                                                                        asio::use_awaitable);
}

}  // namespace edda::sqlite
