#include "maintenance/rebuild.hpp"

#include "base/json_writer.hpp"
#include "maintenance/fold_stream.hpp"

namespace edda::maintenance {
Task<Result<TimedRebuild>> rebuild_views(ViewRebuild& rebuild, Clock& clock, std::function<void(std::int64_t)> progress,
                                         Deadline deadline) {
  const SteadyTime begun = clock.steady_now();
  CO_TRY(auto report, co_await rebuild.rebuild_views(&fold_stream, false, std::move(progress), deadline));
  co_return TimedRebuild{std::move(report), std::chrono::duration_cast<milliseconds>(clock.steady_now() - begun)};
}

std::string to_json(const TimedRebuild& rebuild) {
  JsonWriter json;
  json.begin_object()
      .field("streams", rebuild.report.streams)
      .field("events", rebuild.report.events)
      .field("rows_changed", rebuild.report.rows_changed);
  json.key("differences").begin_array();
  for (const auto& difference : rebuild.report.differences) json.value(difference);
  json.end_array().field("duration_ms", static_cast<std::int64_t>(rebuild.duration.count())).end_object();
  return json.take();
}

}  // namespace edda::maintenance
