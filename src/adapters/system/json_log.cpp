#include "system/json_log.hpp"

#include <utility>

#include "base/json_writer.hpp"

namespace edda::system {

void JsonLog::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!writes(level) || !may_write(level)) return;
  put(line(level, message, fields));
}

void JsonLog::set_level(LogLevel level, std::initializer_list<LogField> by) {
  least_.store(level, std::memory_order_relaxed);
  put(line(LogLevel::info, "the log level was changed", by));
}

bool JsonLog::may_write(LogLevel level) {
  if (rate_max_ == 0) return true;
  const SteadyTime now = clock_.steady_now();
  std::size_t missing = 0;
  {
    const std::lock_guard lock(mutex_);
    Second& second = seconds_[level >= LogLevel::warn ? 0 : 1];
    if (now - second.began >= std::chrono::seconds(1)) {
      missing = second.left_out;
      second = {now, 0, 0};
    }
    if (second.written >= rate_max_) {
      ++second.left_out;
      left_out_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    ++second.written;
  }
  if (missing > 0) put(line(LogLevel::warn, "entries were left out of the log: more came in a second than it takes", {{"entries", std::to_string(missing)}}));
  return true;
}

std::string JsonLog::line(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
  JsonWriter json;
  json.begin_object()
      .field("time", clock_.now())
      .field("level", to_string(level))
      .field("node", node_)
      .field("message", message);
  for (const auto& field : fields)
    if (!field.value.empty()) json.field(field.name, field.value);
  json.end_object();
  return json.take() + '\n';
}

void JsonLog::put(const std::string& line) {
  const std::lock_guard lock(mutex_);
  std::fwrite(line.data(), 1, line.size(), file_);
  std::fflush(file_);
}

}  // namespace edda::system
