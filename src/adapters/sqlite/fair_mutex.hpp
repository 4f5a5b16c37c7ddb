#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace edda::sqlite {

/// A mutex that serves in the order of arrival, so that a lane which appends without pause does not starve the others
/// who write.
class FairMutex {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    const std::uint64_t ticket = next_++;
    turn_.wait(guard, [&] { return ticket == serving_; });
  }
  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      ++serving_;
    }
    turn_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ = 0;
  std::uint64_t serving_ = 0;
};

}  // namespace edda::sqlite
