#include "sqlite/worker_pool.hpp"

#include <pthread.h>

namespace edda::sqlite {

WorkerPool::WorkerPool(const std::string& name, std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
  for (std::size_t worker = 0; worker < threads; ++worker) {
    threads_.emplace_back([this, worker] { serve(worker); });
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

WorkerPool::Turn WorkerPool::enqueue(Job& job) {
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) return Turn::stopped;
    if (queue_.size() >= queue_max_) return Turn::refused;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return Turn::run;
}

void WorkerPool::post(Job job) {
  if (const Turn turn = enqueue(job); turn != Turn::run) job(turn, 0);
}

bool WorkerPool::try_post(std::move_only_function<void()> work) {
  Job job = [work = std::move(work)](Turn, std::size_t) mutable { work(); };
  return enqueue(job) == Turn::run;
}

void WorkerPool::serve(std::size_t worker) {
  for (;;) {
    std::unique_lock guard(mutex_);
    wake_.wait(guard, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    guard.unlock();
    job(Turn::run, worker);
  }
}

void WorkerPool::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

Error WorkerPool::refusal(Turn turn) {
  if (turn == Turn::stopped) return {.code = Errc::cancelled, .message = "The store is closing."};
  return {.code = Errc::overloaded,
          .message = "Too many queries wait for the store.",
          .reason = "store_queue_full",
          .retry_after = std::chrono::seconds(1)};
}

}  // namespace edda::sqlite
