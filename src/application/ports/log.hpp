#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace edda {

enum class LogLevel { debug, info, warn, error };
std::string_view to_string(LogLevel level);
/// nullopt for anything but the names of to_string.
std::optional<LogLevel> parse_log_level(std::string_view name);

struct LogField {
  std::string_view name;
  std::string value;
};

/// What an operator should be able to read afterwards. No secret, no customer's data beyond ids. An order is named in `correlation`, a
/// request in `request`, and the trace of either in `trace_id`; a field without a value is left out.
/// A rejection or a version conflict is a normal result and is not logged.
/// Thread-safety: callable from any thread.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) = 0;
  /// Whether entries of this level are written now: asked first where telling costs something.
  virtual bool writes(LogLevel level) const { return level >= LogLevel::info; }
};

/// What is logged, changed while the process runs.
/// Thread-safety: callable from any thread.
class LogControl {
 public:
  virtual ~LogControl() = default;
  virtual LogLevel level() const = 0;
  /// From the next entry on. Who changed it is logged, whatever the levels.
  virtual void set_level(LogLevel level, std::initializer_list<LogField> by) = 0;
};

}  // namespace edda
