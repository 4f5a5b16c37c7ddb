#pragma once

#include "base/result.hpp"
#include "eventsourcing/event.hpp"

namespace edda::lanes {

/// The answer to a command whose turn stands in the log. Where that answer cannot be read now, `unavailable` ("surely not done") would
/// be a lie: nobody knows, as far as the caller can tell. Nor is anything corrupt that only a newer release can read (R23): another node
/// tells.
template <class T>
Result<T> after_commit(Result<T> answer) {
  if (!answer && (answer.error().code == Errc::unavailable || is_from_newer_release(answer.error())))
    answer.error().code = Errc::outcome_unknown;
  return answer;
}

}  // namespace edda::lanes
