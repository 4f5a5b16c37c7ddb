#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "ports/task.hpp"
#include "sqlite/database.hpp"

namespace edda::sqlite {

/// A counter that does not say what there is.
struct WrongTotal {
  std::string kind;
  std::string name;
  std::int64_t stored = 0;
  std::int64_t counted = 0;
};

struct LogCount {
  std::int64_t events = 0;
  std::vector<Position> ends;   ///< by shard: the last position that has an event
  std::vector<Position> heads;  ///< by shard: the last position as its row says
  std::vector<WrongTotal> wrong_totals;
};

/// Walks over all events (`each` gets place, at, type of every one, ascending within a shard) and counts them and the
/// views' rows. The walk goes in short reads, as a long one would hold the write-ahead log back: what is behind it in a
/// shard never changes. The last read sees the rest, the views and the totals at one instant, so the comparison is
/// exact though the store goes on serving.
Task<Result<LogCount>> count_log(Database& database, std::function<void(const Row&)> each, Deadline deadline);

}  // namespace edda::sqlite
