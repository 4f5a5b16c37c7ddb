#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace edda {

enum class LogLevel { debug, info, warn, error };
std::string_view to_string(LogLevel level);

struct LogField {
  std::string_view name;
  std::string value;
};

/// What an operator should be able to read afterwards. No secret, no customer's data beyond ids.
/// A rejection or a version conflict is a normal result and is not logged.
/// Thread-safety: callable from any thread.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) = 0;
};

}  // namespace edda
