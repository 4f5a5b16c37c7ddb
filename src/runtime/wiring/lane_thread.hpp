#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace edda::wiring {

/// A thread with an executor of its own, where lanes decide and append. With SQLite they commit here too, inline (measured: as good as any
/// other layout under load, and best with one client). Lifecycle: `finish` waits until nothing is left to run.
class LaneThread {
 public:
  LaneThread() : context_(1), work_(context_.get_executor()), thread_([this] { context_.run(); }) {}
  ~LaneThread() { finish(); }
  LaneThread(const LaneThread&) = delete;
  LaneThread& operator=(const LaneThread&) = delete;

  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  void finish() {
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace edda::wiring
