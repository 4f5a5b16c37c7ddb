#include "system/json_log.hpp"

#include "base/json_writer.hpp"

namespace edda::system {

void JsonLog::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < least_) return;
  JsonWriter json;
  json.begin_object()
      .field("time", clock_.now())
      .field("level", to_string(level))
      .field("node", node_)
      .field("message", message);
  for (const auto& field : fields) json.field(field.name, field.value);
  json.end_object();
  const std::string line = json.take() + '\n';
  const std::lock_guard lock(mutex_);
  std::fwrite(line.data(), 1, line.size(), file_);
  std::fflush(file_);
}

}  // namespace edda::system
