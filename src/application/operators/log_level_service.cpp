#include "operators/log_level_service.hpp"

#include "base/json_writer.hpp"

namespace edda::operators {

Task<LogLevel> LogLevelService::change(LogLevel to, accounts::Actor actor, Deadline deadline) {
  const LogLevel from = level();
  const std::string before(to_string(from)), after(to_string(to));
  ports_.control.set_level(to, {{"from", before}, {"to", after}, {"by", to_string(actor.user)}, {"reason", actor.reason}});
  JsonWriter details;
  details.begin_object().field("from", before).field("to", after).end_object();
  const auto recorded = co_await ports_.audit(std::move(actor), "node.log_level_changed", node_, details.take(), deadline);
  if (!recorded)
    ports_.log.write(LogLevel::error, "the log level was changed, but the audit log does not tell of it", {{"error", recorded.error().message}});
  co_return from;
}

}  // namespace edda::operators
