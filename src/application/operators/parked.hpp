#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ports/read_models.hpp"

namespace edda::operators {

/// Parked sagas that wait for the same reason.
struct ParkedGroup {
  std::string definition;
  std::string step;
  std::string error;  ///< normalised: what tells one case from another is "#"
  std::int64_t count = 0;
  Timestamp oldest_at;           ///< when the one that waits longest was parked
  std::vector<SagaId> examples;  ///< at most `parked_examples_max`
  std::string error_contains;    ///< a text of every error of this group, for the filter of a list or a batch; may be empty
};
struct Parked {
  std::int64_t total = 0;
  bool truncated = false;  ///< more than `parked_looked_at_max` sagas, or `parked_groups_max` groups: the groups are not the whole truth
  std::vector<ParkedGroup> groups;  ///< the largest first
};

inline constexpr std::size_t parked_looked_at_max = 10'000;
inline constexpr std::size_t parked_groups_max = 200;
inline constexpr std::size_t parked_examples_max = 5;

/// Ids, amounts, times and the like as "#": every word of more than three characters that holds a digit. Short numbers stay, because
/// "HTTP 503" and "HTTP 404" are two reasons.
std::string normalised(std::string_view error);

/// All parked sagas by definition, step and normalised error. Errors: those of the views.
Task<Result<Parked>> group_parked(ReadModels& views, Deadline deadline);

}  // namespace edda::operators
