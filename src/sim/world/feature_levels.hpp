#pragma once

#include <string_view>

namespace edda::sim {

/// The feature level that an event belongs to (core/base/feature_level.hpp): a release that does not know the level cannot read it (R23).
int feature_level_of(std::string_view type, std::string_view data);

}  // namespace edda::sim
