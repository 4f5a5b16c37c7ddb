#include "ports/feature_level.hpp"

#include <fmt/format.h>

namespace edda {

Result<void> check_level_to_raise(int to) {
  if (to >= 1 && to <= newest_feature_level) return {};
  return fail(Errc::invalid_argument, fmt::format("This release knows the feature levels 1 to {}.", newest_feature_level));
}

Result<void> check_nodes_know(int to, std::span<const NodeLevel> nodes) {
  std::string old;
  for (const NodeLevel& node : nodes) {
    if (node.newest < to) old += fmt::format("{}{} (knows {})", old.empty() ? "" : ", ", node.node, node.newest);
  }
  if (old.empty()) return {};
  return fail(Errc::rejected, fmt::format("These nodes run a release that does not know feature level {}: {}.", to, old), {}, "node_too_old");
}

Result<void> check_level_to_open(const StoreInfo& info) {
  if (info.feature_level <= newest_feature_level) return {};
  return fail(Errc::invalid_argument,
              fmt::format("The store is used by a newer Edda (feature level {}, this one knows {}): start that version, or a later one, on it.",
                          info.feature_level, newest_feature_level),
              {}, "feature_level_too_high");
}

}  // namespace edda
