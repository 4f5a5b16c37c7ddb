#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "ports/log.hpp"

namespace edda::testing_support {

/// Keeps the messages instead of printing them.
class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view message, std::initializer_list<LogField>) override {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(message);
  }
  std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
};

}  // namespace edda::testing_support
