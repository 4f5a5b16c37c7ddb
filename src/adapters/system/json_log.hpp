#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include "ports/clock.hpp"
#include "ports/log.hpp"

namespace edda::system {

/// One JSON object a line: {"time", "level", "node", "message", fields ...}. Line breaks and control characters in values are escaped, so
/// an entry is always one line.
///
/// Of each second only so many entries are written, counted apart for what is wrong (warn, error) and for the rest, so that neither a
/// fault that is met a million times nor chatter at debug fills the disk. What was left out is counted, and the log says so afterwards.
class JsonLog final : public Log, public LogControl {
 public:
  /// Entries below `least` are dropped. `rate_max`: entries a second of either kind; 0: no limit. `file` outlives the log.
  JsonLog(std::FILE* file, LogLevel least, std::string node, Clock& clock, std::size_t rate_max = 0)
      : file_(file), least_(least), node_(std::move(node)), clock_(clock), rate_max_(rate_max) {}

  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;
  bool writes(LogLevel level) const override { return level >= least_.load(std::memory_order_relaxed); }

  LogLevel level() const override { return least_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level, std::initializer_list<LogField> by) override;

  /// Entries that the limit left out since the start.
  std::uint64_t left_out() const { return left_out_.load(std::memory_order_relaxed); }

 private:
  /// Entries of one kind in the present second.
  struct Second {
    SteadyTime began{};
    std::size_t written = 0;
    std::size_t left_out = 0;
  };
  bool may_write(LogLevel level);
  std::string line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const;
  void put(const std::string& line);

  std::FILE* const file_;
  std::atomic<LogLevel> least_;
  const std::string node_;
  Clock& clock_;
  const std::size_t rate_max_;
  std::atomic<std::uint64_t> left_out_{0};
  std::mutex mutex_;
  std::array<Second, 2> seconds_;  ///< guarded by mutex_; of what is wrong, and of the rest
};

}  // namespace edda::system
