#pragma once

#include <cstdio>
#include <mutex>
#include <string>

#include "ports/clock.hpp"
#include "ports/log.hpp"

namespace edda::system {

/// One JSON object a line: {"time", "level", "node", "message", fields ...}. Line breaks and control characters in values are escaped, so
/// an entry is always one line.
class JsonLog final : public Log {
 public:
  /// Entries below `least` are dropped. `file` outlives the log.
  JsonLog(std::FILE* file, LogLevel least, std::string node, Clock& clock)
      : file_(file), least_(least), node_(std::move(node)), clock_(clock) {}

  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;

 private:
  std::FILE* const file_;
  const LogLevel least_;
  const std::string node_;
  Clock& clock_;
  std::mutex mutex_;
};

}  // namespace edda::system
