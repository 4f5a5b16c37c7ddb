#include "operators/feature_level_service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"

namespace edda::operators {

Task<Result<LevelStatus>> FeatureLevelService::status(Deadline deadline) {
  CO_TRY(LevelView seen, co_await ports_.store.look_at_level(deadline));
  LevelStatus status{.level = seen.level, .nodes = std::move(seen.nodes)};
  // Alone on its store a node need not show that it lives, and it may have had no time to.
  const auto place = std::ranges::lower_bound(status.nodes, self_, {}, &NodeLevel::node);
  if (place == status.nodes.end() || place->node != self_) status.nodes.insert(place, {self_, newest_feature_level});
  status.raisable_to = std::max(status.level, std::ranges::min(status.nodes, {}, &NodeLevel::newest).newest);
  co_return status;
}

Task<Result<LevelRaise>> FeatureLevelService::preview(int to, Deadline deadline) {
  CO_TRY_VOID(check_level_to_raise(to));
  CO_TRY(LevelStatus status, co_await this->status(deadline));
  if (to < status.level) {
    co_return fail(Errc::rejected, fmt::format("The store stands at feature level {} already, and is never lowered.", status.level), {},
                   "level_stands_higher");
  }
  if (to > status.level) CO_TRY_VOID(check_nodes_know(to, status.nodes));
  co_return LevelRaise{status.level, to, std::move(status.nodes)};
}

Task<Result<LevelRaise>> FeatureLevelService::raise(int to, accounts::Actor actor, Deadline deadline) {
  CO_TRY(LevelRaise raise, co_await preview(to, deadline));
  if (raise.from == raise.to) co_return raise;
  CO_TRY(raise.to, co_await ports_.store.raise_feature_level(to, deadline));
  co_await audit(std::move(actor), raise, deadline);
  co_return raise;
}

Task<void> FeatureLevelService::audit(accounts::Actor actor, const LevelRaise& raised, Deadline deadline) {
  JsonWriter details;
  details.begin_object().field("from", std::int64_t{raised.from}).field("to", std::int64_t{raised.to}).end_object();
  const auto recorded = co_await ports_.audit(std::move(actor), "store.feature_level_raised", "store", details.take(), deadline);
  if (!recorded) {
    ports_.log.write(LogLevel::error, "the feature level was raised, but the audit log does not tell of it",
                     {{"from", std::to_string(raised.from)}, {"to", std::to_string(raised.to)}, {"error", recorded.error().message}});
  }
}

}  // namespace edda::operators
